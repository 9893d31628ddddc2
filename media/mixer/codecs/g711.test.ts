import { describe, expect, it } from 'vitest';
import { aLaw, compress, expand, type Law, muLaw } from './g711.ts';

const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

function expanded(law: Law, payload: Uint8Array): Int16Array {
  const pcm = new Int16Array(payload.length);
  expand(law, payload, pcm);
  return pcm;
}

function compressed(law: Law, pcm: Int16Array): Uint8Array {
  const payload = new Uint8Array(pcm.length);
  compress(law, pcm, payload);
  return payload;
}

describe('G.711', () => {
  it('has the values of the tables of ITU-T G.711', () => {
    // Table 2a of µ-law, in 14 bits: 8031, 4191, 2015, 0; table 1a of A-law, in 13 bits: 4032, 2112, 1.
    expect([...expanded(muLaw, Uint8Array.of(0x80, 0x8f, 0xa0 - 1, 0xff, 0x7f, 0x00))]).toEqual([
      ...[32_124, 16_764, 8316, 0, 0, -32_124],
    ]);
    expect([...expanded(aLaw, Uint8Array.of(0xaa, 0xa5, 0xd5, 0x55, 0x2a))]).toEqual([32_256, 16_896, 8, -8, -32_256]);
  });

  it.each([
    ['µ-law', muLaw, 0x7f],
    ['A-law', aLaw, undefined],
  ])('%s gives back each byte as it was', (_name, law, negativeZero) => {
    const again = compressed(law, expanded(law, everyByte));
    // µ-law has zero twice.
    const expected = everyByte.map((byte) => (byte === negativeZero ? 0xff : byte));
    expect(again).toEqual(expected);
  });

  it.each([
    // µ-law's segments begin at powers of two less 33 of its 14 bits; A-law's first two have the same step.
    ['µ-law', muLaw, 132, 4],
    ['A-law', aLaw, 0, 8],
  ])('%s is never further away than half a step', (_name, law, bias, smallest) => {
    const heard = expanded(law, compressed(law, everySample));
    const worst = everySample.findIndex((sample, index) => {
      const inside = Math.min(Math.abs(sample), 32_635);
      return Math.abs(Math.sign(sample) * inside - heard[index]!) > Math.max(smallest, (inside + bias) / 32);
    });
    expect(worst).toBe(-1);
  });

  it.each([
    ['µ-law', muLaw],
    ['A-law', aLaw],
  ])('%s never goes down where the samples go up', (_name, law) => {
    const heard = expanded(law, compressed(law, everySample));
    expect(heard.findIndex((sample, index) => index > 0 && sample < heard[index - 1]!)).toBe(-1);
  });
});
