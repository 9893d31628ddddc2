import { describe, expect, it } from 'vitest';
import { sine } from '../../../test/support/tones.ts';
import { levelDbov } from './levels.ts';
import { NoiseGate } from './noise-gate.ts';
import { noise, packetsOf, speech } from './testing/voices.ts';

const sampleRate = 16_000;

function gate(pcm: Int16Array): Int16Array {
  const gated = pcm.slice();
  const noiseGate = new NoiseGate(sampleRate);
  for (const packet of packetsOf(gated, sampleRate)) noiseGate.apply(packet);
  return gated;
}

describe('NoiseGate', () => {
  it('holds noise back by 30 dB', () => {
    const gated = gate(noise(3 * sampleRate, -50));
    expect(Math.abs(levelDbov(gated.subarray(sampleRate)) - -80)).toBeLessThanOrEqual(2);
  });

  it('lets a voice through as it is, also between its syllables', () => {
    const voice = speech(3 * sampleRate, sampleRate, -25, -60);
    expect(gate(voice).subarray(sampleRate)).toEqual(voice.subarray(sampleRate));
  });

  it('opens within 2 ms, and closes without a click', () => {
    const pcm = noise(3 * sampleRate, -60);
    const word = sine(300, { sampleRate, ms: 500 });
    pcm.set(word, sampleRate);
    const gated = gate(pcm);
    expect(gated.subarray(sampleRate + 32, sampleRate + word.length)).toEqual(word.subarray(32));
    const closing = packetsOf(gated.subarray(sampleRate + word.length), sampleRate).map(levelDbov);
    expect(closing.slice(0, 14).every((level) => level >= -62)).toBe(true);
    expect(closing.at(-1)).toBeLessThan(-85);
  });
});
