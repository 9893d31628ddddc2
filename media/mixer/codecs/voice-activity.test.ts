import { describe, expect, it } from 'vitest';
import { sine } from '../../../test/support/tones.ts';
import { noise, packetsOf, speech } from './testing/voices.ts';
import { VoiceActivity } from './voice-activity.ts';

const sampleRate = 8000;

/** Which share of the packets is a voice, after the first second. */
function share(pcm: Int16Array): number {
  const activity = new VoiceActivity(sampleRate);
  const told = packetsOf(pcm, sampleRate).map((packet) => activity.isVoice(packet));
  const later = told.slice(50);
  return later.filter(Boolean).length / later.length;
}

describe('VoiceActivity', () => {
  it.each([-70, -50, -40])('takes noise of %i dBov for noise', (dbov) => {
    expect(share(noise(10 * sampleRate, dbov))).toBeLessThan(0.02);
  });

  it.each([
    [-23, -60],
    [-35, -65],
    [-20, -45],
  ])('finds the syllables of a voice of %i dBov over noise of %i', (dbov, noiseDbov) => {
    const found = share(speech(20 * sampleRate, sampleRate, dbov, noiseDbov));
    expect(found).toBeGreaterThan(0.45);
    expect(found).toBeLessThan(0.7);
  });

  it('takes a tone for a voice, however long it stays', () => {
    expect(share(sine(440, { sampleRate, ms: 90_000, amplitude: 0.1 }))).toBe(1);
  });

  it('takes nothing for nothing', () => {
    expect(share(new Int16Array(2 * sampleRate))).toBe(0);
    expect(new VoiceActivity(sampleRate).isVoice(new Int16Array(0))).toBe(false);
  });
});
