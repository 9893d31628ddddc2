import { describe, expect, test } from 'vitest';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import { createEncoder } from '../codecs/create-codec.ts';
import { parseRtp } from '../rtp/rtp-packet.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import { TapVoice } from './tap-voice.ts';

const levelId = 3;
const facts = { tapPort: 1, ssrc: 7, codec: 'PCMU', payloadType: 0, levelId } as const;

function speaker(hertz: number) {
  const sender = new RtpSender({ ssrc: 7 });
  const encoder = createEncoder('PCMU');
  const pcm = sine(hertz, { sampleRate: 8000, ms: 2_000 });
  let at = 0;
  return (voice: TapVoice, dbov: number | undefined, atMs: number, payloadType = 0) => {
    const bytes = Buffer.alloc(1500);
    const payload = encoder.encode(pcm.subarray(at, at + 160));
    at += 160;
    const level = dbov === undefined ? undefined : { id: levelId, dbov };
    const frame = { payloadType, clockRate: 8000, ticks: 160, payload, ...(level && { level }) };
    const length = sender.write(bytes, frame, atMs);
    const whole = bytes.subarray(0, length);
    const packet = parseRtp(whole);
    if (packet) voice.take(whole, packet, atMs);
  };
}

describe('a voice of a tap', () => {
  test('is heard while it says that it is loud, a little longer, and then not held any more', () => {
    const voice = new TapVoice(facts, 8000);
    const say = speaker(440);
    const heard: number[] = [];
    let atMs = 1_000;
    for (let tick = 0; tick < 60; tick += 1, atMs += 20) {
      say(voice, tick < 40 ? -20 : -90, atMs);
      voice.age();
      expect(voice.loudness.isHeard).toBe(true);
      voice.decode(atMs);
      if (tick > 10 && tick < 40) heard.push(...voice.frame);
    }
    expect(toneShareDb(Int16Array.from(heard), 8000, 440)).toBeGreaterThan(-1);
    for (let tick = 0; tick < 30; tick += 1) voice.age();
    expect(voice.loudness.isHeard).toBe(false);
    say(voice, -90, atMs);
    voice.decode(atMs);
    expect(voice.frame.every((sample) => sample === 0)).toBe(true);
    voice.close();
  });

  test('comes in time when it is chosen after others were louder for a while', () => {
    const voice = new TapVoice(facts, 8000);
    const say = speaker(440);
    let atMs = 1_000;
    for (let tick = 0; tick < 30; tick += 1, atMs += 20) {
      say(voice, -20, atMs);
      voice.age();
      voice.skip(atMs);
    }
    const heard: number[] = [];
    for (let tick = 0; tick < 20; tick += 1, atMs += 20) {
      say(voice, -20, atMs);
      voice.age();
      voice.decode(atMs);
      heard.push(...voice.frame);
    }
    expect(toneShareDb(Int16Array.from(heard.slice(-2_400)), 8000, 440)).toBeGreaterThan(-1);
  });

  test('takes 10 to 30 ms, also after the thread stood still, and after it said nothing', () => {
    const voice = new TapVoice(facts, 8000);
    const say = speaker(440);
    const isLoud = (frame: Int16Array) => frame.some((sample) => Math.abs(sample) > 1_000);
    let [spurts, waits] = [0, 0];
    for (let tick = 0; tick < 95; tick += 1) {
      const speaks = tick % 60 < 20;
      // Of the first spurt the 10th to 14th packets are read at once, and ticks are made up for then.
      const isStall = tick >= 10 && tick < 15;
      const readMs = 1_000 + 20 * (isStall ? 14 : tick);
      say(voice, speaks ? -20 : -90, readMs);
      if (isStall && tick < 14) continue;
      for (let due = isStall ? 10 : tick; due <= tick; due += 1) {
        voice.age();
        if (!voice.loudness.isHeard) continue;
        voice.decode(1_000 + 20 * due + 5);
        if (due % 60 === 0) spurts += 1;
        if (speaks && !isLoud(voice.frame)) waits += 1;
      }
    }
    expect(spurts).toBe(2);
    expect(waits).toBeLessThanOrEqual(2);
    voice.close();
  });

  test('is listened to where it does not say how loud it is, and other payload types are not its own', () => {
    const voice = new TapVoice({ ...facts, levelId: undefined }, 16_000);
    const say = speaker(440);
    say(voice, undefined, 1_000, 8);
    expect(voice.loudness.isHeard).toBe(false);
    say(voice, undefined, 1_020);
    expect(voice.loudness.isHeard).toBe(true);
    const passed: number[] = [];
    voice.pass((packet) => passed.push(packet.payload.length));
    say(voice, undefined, 1_040);
    expect(passed).toEqual([160]);
    voice.close();
  });
});
