import { describe, expect, it } from 'vitest';
import { sine } from '../../../test/support/tones.ts';
import { LevelControl } from './level-control.ts';
import { levelDbov } from './levels.ts';
import { noise, packetsOf, speech } from './testing/voices.ts';

const sampleRate = 8000;

/** In place; what it becomes in its last second. */
function control(pcm: Int16Array): Int16Array {
  const levels = new LevelControl(sampleRate);
  for (const packet of packetsOf(pcm, sampleRate)) levels.apply(packet);
  return pcm.subarray(-sampleRate);
}

const lasting = 20 * sampleRate;

describe('LevelControl', () => {
  it('brings low and loud voices near each other', () => {
    const low = levelDbov(control(speech(lasting, sampleRate, -36, -75)));
    const loud = levelDbov(control(speech(lasting, sampleRate, -14, -75)));
    expect(levelDbov(speech(lasting, sampleRate, -14, -75)) - levelDbov(speech(lasting, sampleRate, -36, -75))).toBe(
      22,
    );
    expect(Math.abs(loud - low)).toBeLessThanOrEqual(3);
    expect(low).toBeGreaterThan(-29);
    expect(loud).toBeLessThan(-20);
  });

  it('does not raise the noise while nobody speaks', () => {
    const quiet = noise(lasting, -60);
    expect(Math.abs(levelDbov(control(quiet)) - -60)).toBeLessThanOrEqual(1);
  });

  it('changes slowly: a second raises by 3 dB at most', () => {
    const tone = sine(300, { sampleRate, ms: 3000, amplitude: 0.04 });
    const levels = new LevelControl(sampleRate);
    const seconds = [0, 1, 2].map((second) => {
      for (const packet of packetsOf(tone.subarray(second * sampleRate, (second + 1) * sampleRate), sampleRate)) {
        levels.apply(packet);
      }
      return levelDbov(tone.subarray((second + 1) * sampleRate - 160, (second + 1) * sampleRate));
    });
    const before = levelDbov(sine(300, { sampleRate, ms: 20, amplitude: 0.04 }));
    expect(seconds[0]! - before).toBeLessThanOrEqual(4);
    expect(seconds[1]! - seconds[0]!).toBeLessThanOrEqual(4);
    expect(seconds[2]!).toBeGreaterThan(before);
  });

  it('presses peaks below full scale at once', () => {
    const pcm = speech(lasting, sampleRate, -38, -75);
    const shout = sine(200, { sampleRate, ms: 200, amplitude: 1 });
    pcm.set(shout, lasting - sampleRate);
    const levels = new LevelControl(sampleRate);
    for (const packet of packetsOf(pcm, sampleRate)) levels.apply(packet);
    const pressed = pcm.subarray(lasting - sampleRate + 16, lasting - sampleRate + shout.length);
    expect(Math.max(...pressed)).toBeLessThanOrEqual(29_250);
  });

  it('leaves silence as it is', () => {
    expect(levelDbov(control(new Int16Array(lasting)))).toBe(-127);
    new LevelControl(sampleRate).apply(new Int16Array(0));
  });
});
