import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import { levelDbov } from './levels.ts';
import { LossConcealment } from './loss-concealment.ts';
import { snrDb } from './testing/snr.ts';
import type { VoiceRate } from './voice-codec.ts';

/** Takes away packets of 20 ms by their number. */
function lose(pcm: Int16Array, sampleRate: VoiceRate, isLost: (packet: number) => boolean): Int16Array {
  const concealment = new LossConcealment(sampleRate);
  const length = sampleRate / 50;
  const heard = pcm.slice();
  for (let at = 0; at < pcm.length; at += length) {
    const packet = heard.subarray(at, at + length);
    if (isLost(at / length)) concealment.fill(packet);
    else concealment.heard(packet);
  }
  return heard;
}

const rates: VoiceRate[] = [8000, 16_000];

describe.each(rates)('concealing losses at %i Hz', (sampleRate) => {
  const perPacket = sampleRate / 50;

  it('changes nothing where nothing is lost', () => {
    const tone = sine(330, { sampleRate, ms: 500 });
    expect(lose(tone, sampleRate, () => false)).toEqual(tone);
  });

  it.each([110, 200, 440])('goes on with a voice of %i Hz through single losses', (hz) => {
    const tone = sine(hz, { sampleRate, ms: 2000 });
    const silent = tone.map((sample, index) => (Math.floor(index / perPacket) % 10 === 9 ? 0 : sample));
    const heard = lose(tone, sampleRate, (packet) => packet % 10 === 9);
    expect(snrDb(tone, heard, 0)).toBeGreaterThan(snrDb(tone, silent, 0) + 8);
    expect(toneShareDb(heard, sampleRate, hz)).toBeGreaterThan(-0.2);
  });

  it('has no click where the hole begins or ends', () => {
    const tone = sine(173, { sampleRate, ms: 1000 });
    const largest = (pcm: Int16Array) =>
      pcm.reduce((most, sample, index) => Math.max(most, index === 0 ? 0 : Math.abs(sample - pcm[index - 1]!)), 0);
    const heard = lose(tone, sampleRate, (packet) => packet % 7 === 6);
    expect(largest(heard)).toBeLessThan(1.6 * largest(tone));
  });

  it('fades away within 60 ms, and is silent then', () => {
    const tone = sine(250, { sampleRate, ms: 400 });
    const heard = lose(tone, sampleRate, (packet) => packet >= 10);
    const levels = [9, 10, 11, 12, 13].map((packet) =>
      levelDbov(heard.subarray(packet * perPacket, (packet + 1) * perPacket)),
    );
    expect(levels[1]).toBeGreaterThanOrEqual(levels[0]! - 2);
    expect(levels[2]).toBeLessThan(levels[1]!);
    expect(levels[3]).toBeLessThan(levels[2]!);
    expect(levels[4]).toBe(-127);
  });

  it('makes noise of noise, and nothing of nothing', () => {
    const random = createRandom(7);
    const noise = Int16Array.from({ length: sampleRate }, () => Math.round((random() - 0.5) * 8000));
    const heard = lose(noise, sampleRate, (packet) => packet % 5 === 4);
    expect(Math.abs(levelDbov(heard) - levelDbov(noise))).toBeLessThanOrEqual(1);
    expect(levelDbov(lose(new Int16Array(sampleRate), sampleRate, (packet) => packet % 5 === 4))).toBe(-127);
  });

  it('conceals before anything was heard, and stays within 16 bits at full scale', () => {
    const square = Int16Array.from({ length: sampleRate }, (_, index) => (index % 50 < 25 ? 32_767 : -32_768));
    const heard = lose(square, sampleRate, (packet) => packet % 3 === 0);
    expect(levelDbov(heard.subarray(0, perPacket))).toBe(-127);
    const last = heard.subarray(45 * perPacket);
    expect(last.filter((sample) => Math.abs(sample) > 30_000).length / last.length).toBeGreaterThan(0.6);
  });
});
