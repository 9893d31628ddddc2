import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toneShareDb } from '../../../test/support/tones.ts';
import { ComfortNoise } from './comfort-noise.ts';
import { ComfortNoiseSender } from './comfort-noise-sender.ts';
import { levelDbov } from './levels.ts';
import { noise, packetsOf, speech } from './testing/voices.ts';
import type { VoiceRate } from './voice-codec.ts';

const rates: VoiceRate[] = [8000, 16_000];

function made(comfort: ComfortNoise, sampleRate: VoiceRate): Int16Array {
  const pcm = new Int16Array(2 * sampleRate);
  for (const packet of packetsOf(pcm, sampleRate)) comfort.fill(packet);
  return pcm;
}

/** RFC 3389 section 3.1. */
const reflection = (value: number) => Math.round((value * 32_768) / 258) + 127;

describe.each(rates)('ComfortNoise at %i Hz', (sampleRate) => {
  it.each([40, 55, 70])('is as loud as was told: -%i dBov', (level) => {
    const comfort = new ComfortNoise(sampleRate);
    comfort.hear(Uint8Array.of(level));
    expect(comfort.isHeard).toBe(true);
    expect(Math.abs(levelDbov(made(comfort, sampleRate)) + level)).toBeLessThanOrEqual(1);
  });

  it('sounds as was told, and is as loud', () => {
    const comfort = new ComfortNoise(sampleRate);
    comfort.hear(Uint8Array.of(40, reflection(-0.9)));
    const low = made(comfort, sampleRate);
    expect(Math.abs(levelDbov(low) + 40)).toBeLessThanOrEqual(1);
    expect(toneShareDb(low, sampleRate, 100)).toBeGreaterThan(toneShareDb(low, sampleRate, 3000) + 12);
    comfort.hear(Uint8Array.of(40, reflection(0.9)));
    const high = made(comfort, sampleRate);
    expect(toneShareDb(high, sampleRate, 3500)).toBeGreaterThan(toneShareDb(high, sampleRate, 500) + 12);
  });

  it('is silence before it is told, and after it is stopped', () => {
    const comfort = new ComfortNoise(sampleRate);
    comfort.hear(new Uint8Array(0));
    expect(levelDbov(made(comfort, sampleRate))).toBe(-127);
    comfort.hear(Uint8Array.of(40));
    comfort.stop();
    expect(comfort.isHeard).toBe(false);
    expect(levelDbov(made(comfort, sampleRate))).toBe(-127);
  });

  it('never shrieks, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }), (payloads) => {
        const comfort = new ComfortNoise(sampleRate);
        const pcm = new Int16Array(sampleRate / 50);
        for (const payload of payloads) {
          comfort.hear(payload);
          comfort.fill(pcm);
          expect(levelDbov(pcm)).toBeLessThan(-15);
        }
      }),
      { examples: [[[Uint8Array.of(0, 12, 0, 120), Uint8Array.of(0, 252, 252, 250, 248, 0), Uint8Array.of()]]] },
    );
  });
});

describe.each(rates)('ComfortNoiseSender at %i Hz', (sampleRate) => {
  const send = (sender: ComfortNoiseSender, pcm: Int16Array) =>
    packetsOf(pcm, sampleRate).map((packet) => sender.next(packet));

  it('sends a voice, then tells the noise once, then each second', () => {
    const sender = new ComfortNoiseSender(sampleRate);
    send(sender, noise(2 * sampleRate, -60));
    const speaking = send(sender, speech(3 * sampleRate, sampleRate, -25, -60));
    expect(speaking.slice(9).every((sending) => sending === 'voice')).toBe(true);
    const quiet = send(sender, noise(3 * sampleRate, -60));
    expect(quiet.indexOf('noise')).toBeLessThan(15);
    expect(quiet.filter((sending) => sending === 'noise').length).toBeLessThanOrEqual(4);
    expect(quiet.filter((sending) => sending === 'nothing').length).toBeGreaterThan(120);
    expect(Math.abs((sender.payload[0] ?? 0) - 60)).toBeLessThanOrEqual(1);
  });

  it('tells that the noise has changed a little', () => {
    const sender = new ComfortNoiseSender(sampleRate);
    send(sender, noise(2 * sampleRate, -62));
    const changed = send(sender, noise(sampleRate / 2, -58));
    expect(changed).not.toContain('voice');
    expect(changed.slice(0, 15)).toContain('noise');
  });

  it('sends a noise that begins as if it were a voice, until it has stayed', () => {
    const sender = new ComfortNoiseSender(sampleRate);
    send(sender, noise(2 * sampleRate, -65));
    const begun = send(sender, noise(10 * sampleRate, -55));
    expect(begun[0]).toBe('voice');
    expect(begun.slice(-50)).not.toContain('voice');
    expect(Math.abs((sender.payload[0] ?? 0) - 55)).toBeLessThanOrEqual(1);
  });

  it('tells silence as the lowest level', () => {
    const sender = new ComfortNoiseSender(sampleRate);
    expect(send(sender, new Int16Array(sampleRate))).toContain('noise');
    expect(sender.payload[0]).toBe(127);
  });
});
