import { randomBytes } from 'node:crypto';

/** A tag of a From or To: 72 random bits (RFC 3261 section 19.3 wants 32). */
export function createTag(): string {
  return randomBytes(9).toString('base64url');
}
