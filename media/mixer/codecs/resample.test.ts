import { describe, expect, it } from 'vitest';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import { levelDbov, meanSquare } from './levels.ts';
import { Downsampler, Upsampler } from './resample.ts';

const ms = 1000;

/** In packets of 20 ms, as the mixer does it. */
function through(resampler: Upsampler | Downsampler, pcm: Int16Array, packet: number): Int16Array {
  const parts: number[] = [];
  for (let at = 0; at < pcm.length; at += packet) parts.push(...resampler.process(pcm.subarray(at, at + packet)));
  return Int16Array.from(parts);
}

const up = (pcm: Int16Array) => through(new Upsampler(), pcm, 160);
const down = (pcm: Int16Array) => through(new Downsampler(), pcm, 320);

describe('resampling', () => {
  it.each([100, 1000, 3000, 3400])('from 8 to 16 kHz keeps a tone of %i Hz and adds none', (hz) => {
    const tone = sine(hz, { sampleRate: 8000, ms });
    const wide = up(tone);
    expect(wide.length).toBe(2 * tone.length);
    expect(Math.abs(10 * Math.log10(meanSquare(wide) / meanSquare(tone)))).toBeLessThan(0.2);
    expect(toneShareDb(wide, 16_000, hz)).toBeGreaterThan(-0.05);
    expect(toneShareDb(wide, 16_000, 8000 - hz)).toBeLessThan(-55);
  });

  it.each([100, 1000, 3000, 3400])('from 16 to 8 kHz keeps a tone of %i Hz', (hz) => {
    const tone = sine(hz, { sampleRate: 16_000, ms });
    const narrow = down(tone);
    expect(narrow.length).toBe(tone.length / 2);
    expect(Math.abs(10 * Math.log10(meanSquare(narrow) / meanSquare(tone)))).toBeLessThan(0.2);
    expect(toneShareDb(narrow, 8000, hz)).toBeGreaterThan(-0.05);
  });

  it.each([4700, 6000, 7500])(
    'from 16 to 8 kHz takes a tone of %i Hz away instead of turning it into another',
    (hz) => {
      const tone = sine(hz, { sampleRate: 16_000, ms });
      expect(levelDbov(down(tone).subarray(50)) - levelDbov(tone)).toBeLessThan(-50);
    },
  );

  it('has no seam between packets', () => {
    const tone = sine(440, { sampleRate: 8000, ms: 200 });
    expect(up(tone)).toEqual(Int16Array.from(through(new Upsampler(), tone, 80)));
    const wide = sine(440, { sampleRate: 16_000, ms: 200 });
    expect(down(wide)).toEqual(Int16Array.from(through(new Downsampler(), wide, 160)));
  });

  it('cuts what is too loud instead of turning it over', () => {
    const loud = Int16Array.from({ length: 800 }, (_, index) => (index % 40 < 20 ? 32_767 : -32_768));
    const wide = up(loud);
    for (let i = 60; i < wide.length - 4; i += 1) {
      const said = loud[Math.floor(i / 2) - 12]!;
      const isEdge = [-13, -11].some((at) => Math.sign(loud[Math.floor(i / 2) + at]!) !== Math.sign(said));
      if (!isEdge) expect(Math.sign(wide[i]!)).toBe(Math.sign(said));
    }
  });
});
