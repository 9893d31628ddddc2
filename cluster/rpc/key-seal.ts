// Keys of media that nodes tell each other: readable for nodes alone, also where calls between them are not encrypted.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../../core/errors.ts';
import { deriveKey } from './derive-key.ts';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export interface KeySeal {
  /** `about`: what the key is for, which must be said again to open it. 28 bytes longer than the key. */
  seal(key: Uint8Array, about: string): Uint8Array;
  /** @throws {AppError} NODE_TOKEN_REFUSED when it was sealed by nobody who knows the secret, or for something else. */
  open(sealed: Uint8Array, about: string): Uint8Array;
}

/** AES-256-GCM (NIST SP 800-38D) with a random nonce: good for 2^32 keys of one secret. */
export function createKeySeal(secret: string): KeySeal {
  const sealingKey = deriveKey(secret, 'media keys between nodes');
  return {
    seal(key, about) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, sealingKey, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(about));
      return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    },

    open(sealed, about) {
      if (sealed.byteLength < nonceBytes + tagBytes) throw refused();
      const nonce = sealed.subarray(0, nonceBytes);
      const decipher = createDecipheriv(algorithm, sealingKey, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(about));
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      } catch (cause) {
        throw refused(cause);
      }
    },
  };
}

function refused(cause?: unknown): AppError {
  return new AppError('NODE_TOKEN_REFUSED', { problem: 'a key cannot be opened' }, { cause });
}
