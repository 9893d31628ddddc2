import { describe, expect, it } from 'vitest';
import { sine } from '../../../test/support/tones.ts';
import { addVoice, levelDbov, takeMix } from './levels.ts';

describe('levelDbov()', () => {
  it.each([
    ['a square of full scale', Int16Array.from({ length: 160 }, (_, index) => (index % 2 ? 32_767 : -32_768)), 0],
    ['a sine of full scale', sine(1000, { sampleRate: 8000, ms: 20, amplitude: 1 }), -3],
    ['a sine of a tenth', sine(1000, { sampleRate: 8000, ms: 20, amplitude: 0.1 }), -23],
    ['the least that is not silence', Int16Array.of(1, ...new Int16Array(159)), -112],
    ['silence', new Int16Array(160), -127],
    ['nothing', new Int16Array(0), -127],
  ])('of %s', (_name, pcm, level) => {
    expect(levelDbov(pcm)).toBe(level);
  });
});

describe('a mix', () => {
  const voices = [Int16Array.of(1000, 30_000, -30_000), Int16Array.of(-200, 30_000, -30_000), Int16Array.of(3, 4, 5)];
  const sum = new Int32Array(3);
  for (const voice of voices) addVoice(sum, voice);

  it('is the sum of all, and cut where it is too loud', () => {
    const mix = new Int16Array(3);
    takeMix(sum, mix);
    expect([...mix]).toEqual([803, 32_767, -32_768]);
  });

  it('has not the own voice in it, also where all together were too loud', () => {
    const mix = new Int16Array(3);
    takeMix(sum, mix, voices[0]);
    expect([...mix]).toEqual([-197, 30_004, -29_995]);
  });
});
