import { createHash } from 'node:crypto';

/** The strongest first: the order of RFC 8760 section 2.3. MD5 is there because most phones know nothing else. */
export const digestAlgorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hashes: Readonly<Record<DigestAlgorithm, string>> = {
  'SHA-512-256': 'sha512-256',
  'SHA-256': 'sha256',
  MD5: 'md5',
};

/** Of `algorithm=`; without one it is MD5 (RFC 7616 section 3.3). `-sess` variants are told apart by the caller. */
export function parseAlgorithm(text: string | undefined): DigestAlgorithm | undefined {
  const name = (text ?? 'MD5').toUpperCase();
  return digestAlgorithms.find((algorithm) => algorithm === name);
}

export function digestHash(algorithm: DigestAlgorithm, ...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash(hashes[algorithm]);
  for (const [at, part] of parts.entries()) hash.update(at === 0 ? '' : ':').update(part);
  return hash.digest('hex');
}

/** H(A1) of a user: what is stored instead of a password (RFC 7616 section 3.4.2). As secret as one, within its realm. */
export function hashUser(algorithm: DigestAlgorithm, user: string, realm: string, password: string): string {
  return digestHash(algorithm, user, realm, password);
}
