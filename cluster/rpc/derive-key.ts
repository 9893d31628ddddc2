import { hkdfSync } from 'node:crypto';

/** A key of its own for each purpose (RFC 5869): what one of them leaks says nothing of the others. */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `parley ${purpose}`, 32));
}
