import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeySeal } from './key-seal.ts';

const seal = createKeySeal('s'.repeat(32));
const about = 'one~a two~b room pipe';
const refused = expect.objectContaining({ reason: 'NODE_TOKEN_REFUSED' });

describe('a sealed key', () => {
  it('comes out as it went in, for what it was sealed for', () => {
    const key = randomBytes(44);
    const sealed = seal.seal(key, about);
    expect(sealed.byteLength).toBe(72);
    expect(Buffer.from(seal.open(sealed, about))).toEqual(key);
  });

  it('looks different each time', () => {
    const key = randomBytes(44);
    expect(Buffer.from(seal.seal(key, about))).not.toEqual(Buffer.from(seal.seal(key, about)));
  });

  it('is opened with no other secret, and for nothing else', () => {
    const sealed = seal.seal(randomBytes(44), about);
    expect(() => seal.open(sealed, 'one~a two~b room other')).toThrow(refused);
    expect(() => createKeySeal('x'.repeat(32)).open(sealed, about)).toThrow(refused);
  });

  it('is refused when a bit of it is another, or when some of it is missing', () => {
    const sealed = seal.seal(randomBytes(44), about);
    for (let at = 0; at < sealed.byteLength; at++) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => seal.open(altered, about)).toThrow(refused);
      expect(() => seal.open(sealed.subarray(0, at), about)).toThrow(refused);
    }
  });
});
