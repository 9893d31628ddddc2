import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError } from '../start-error.ts';
import type { TokenAlgorithm, TokenKey } from './identity-options.ts';

/** A key and the one algorithm that it verifies: a public key is never used as an HMAC secret (RFC 8725 section 3.1). */
export interface VerifyingKey {
  readonly algorithm: TokenAlgorithm;
  /** jsonwebtoken makes one of anything else for every token, which costs forty times as much. */
  readonly key: KeyObject;
}

/** RFC 7518 section 3.2: no shorter than the hash. */
const minSecretBytes = 32;
/** RFC 7518 section 3.3. */
const minRsaBits = 2048;

/** Reads a configured key. @throws {StartError} that names the key and what is wrong with it. */
export function loadVerifyingKey({ kid, algorithm, secret, file }: TokenKey): VerifyingKey {
  const mend = `Correct the key ${JSON.stringify(kid)} in identity.keys.`;
  const fail = (reason: string, cause?: unknown): never => {
    throw new StartError('reading the keys', reason, { mend, cause });
  };
  const read = (): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      return fail(`${file} cannot be read: ${error instanceof Error ? error.message : error}.`, error);
    }
  };
  if (algorithm === 'HS256') {
    // Editors end files with a line feed that nobody means as part of the secret.
    const bytes = secret === '' ? Buffer.from(read().toString('utf8').trimEnd()) : Buffer.from(secret);
    if (bytes.length < minSecretBytes)
      fail(`The secret of ${JSON.stringify(kid)} has less than ${minSecretBytes} bytes.`);
    return { algorithm, key: createSecretKey(bytes) };
  }
  const pem = read();
  if (pem.includes('PRIVATE KEY')) fail(`${file} holds a private key: this server needs the public one only.`);
  try {
    const key = createPublicKey(pem);
    const mismatch = findKeyMismatch(key, algorithm);
    return mismatch === undefined ? { algorithm, key } : fail(`${file} ${mismatch}.`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    return fail(`${file} is not a public key or certificate in PEM.`, error);
  }
}

/** Why a public key cannot be of an algorithm, or undefined when it can. */
export function findKeyMismatch(key: KeyObject, algorithm: TokenAlgorithm): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (algorithm === 'RS256') {
    if (type !== 'rsa') return `holds a key of type ${type}, and RS256 needs rsa`;
    if ((details?.modulusLength ?? 0) < minRsaBits) return `holds an RSA key of less than ${minRsaBits} bits`;
  }
  if (algorithm === 'ES256' && (type !== 'ec' || details?.namedCurve !== 'prime256v1')) {
    return 'holds a key that is not of the curve P-256, which ES256 needs';
  }
  return undefined;
}
