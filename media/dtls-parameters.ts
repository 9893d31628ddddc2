import { AppError } from '../core/errors.ts';
import type { DtlsFingerprint, DtlsParameters } from '../proto/gen/types.ts';

/** Length of each hash, RFC 8122 section 5. */
const hashBytes: Readonly<Record<DtlsFingerprint['algorithm'], number>> = {
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

const valuePattern = /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*$/;

/**
 * Checks that there is a fingerprint, and that each is as long as its hash.
 * @throws {AppError} DTLS_PARAMETERS_REFUSED naming the member at fault.
 */
export function checkDtlsParameters({ fingerprints }: DtlsParameters): void {
  if (fingerprints.length === 0) refuse('fingerprints is empty');
  for (const [index, { algorithm, value }] of fingerprints.entries()) {
    const expectedBytes = hashBytes[algorithm];
    if (expectedBytes === undefined) refuse(`fingerprints[${index}].algorithm is not known: ${algorithm}`);
    if (!valuePattern.test(value)) refuse(`fingerprints[${index}].value is not hexadecimal octets with colons`);
    const octets = (value.length + 1) / 3;
    if (octets !== expectedBytes) {
      refuse(`fingerprints[${index}].value has ${octets} octets, ${algorithm} has ${expectedBytes}`);
    }
  }
}

function refuse(problem: string): never {
  throw new AppError('DTLS_PARAMETERS_REFUSED', { problem });
}
