import { describe, expect, test } from 'vitest';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import { createEncoder } from '../codecs/create-codec.ts';
import type { PhoneCodec } from '../codecs/voice-codec.ts';
import { parseRtp } from '../rtp/rtp-packet.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import { LegInput } from './leg-input.ts';

const plain = { inBandDtmf: false, levelControl: false, noiseGate: false };
const types = { PCMU: 0, PCMA: 8, G722: 9, opus: 96 } as const;

function speaker() {
  const sender = new RtpSender();
  const encoders = { PCMU: createEncoder('PCMU'), PCMA: createEncoder('PCMA') };
  const pcm = sine(440, { sampleRate: 8000, ms: 20_000 });
  let at = 0;
  return (input: LegInput, codec: 'PCMU' | 'PCMA', atMs: number) => {
    const bytes = Buffer.alloc(400);
    const payload = encoders[codec].encode(pcm.subarray(at, at + 160));
    at += 160;
    const frame = { payloadType: types[codec], clockRate: 8000, ticks: 160, payload };
    const packet = parseRtp(bytes.subarray(0, sender.write(bytes, frame, atMs)));
    if (packet) input.push(packet, { payloadType: types[codec], name: codec, clockRate: 8000 }, false, atMs);
  };
}

describe('what a leg says', () => {
  test('comes out as it went in, with how loud it is', () => {
    const input = new LegInput(plain, 8000);
    const say = speaker();
    const heard: number[] = [];
    const passed: number[] = [];
    for (let tick = 0; tick < 50; tick += 1) {
      say(input, 'PCMU', 20 * tick);
      input.tick(20 * tick, ({ payload }) => passed.push(payload.length));
      if (tick > 10) heard.push(...input.frame);
    }
    expect(toneShareDb(Int16Array.from(heard), 8000, 440)).toBeGreaterThan(-1);
    expect(input.level).toBeCloseTo(-13.5, -1);
    // As it came, at its turn.
    expect(passed.length).toBeGreaterThan(44);
    expect(new Set(passed)).toEqual(new Set([160]));
    input.silence();
    expect(input.frame.every((sample) => sample === 0)).toBe(true);
    input.close();
  });

  test('is comfort noise by whatever number the phone gives that', () => {
    const input = new LegInput(plain, 8000);
    const say = speaker();
    let at = 0;
    for (; at < 20; at += 1) {
      say(input, 'PCMU', 20 * at);
      input.tick(20 * at, undefined);
    }
    const noise = { sequence: 0, timestamp: 0, ssrc: 1, marker: false, payloadType: 97, payload: Buffer.from([60]) };
    const passed: number[] = [];
    for (let packet = 0; packet < 10; packet += 1, at += 1) {
      const numbers = { sequence: 30_000 + packet, timestamp: 160 * packet };
      input.push({ ...noise, ...numbers }, { payloadType: 97, name: 'CN', clockRate: 8000 }, packet === 0, 20 * at);
      input.tick(20 * at, ({ payload }) => passed.push(payload.length));
    }
    expect(
      passed.filter((length) => length === 1),
      'it is no voice',
    ).toEqual([]);
    expect(Math.max(...input.frame.map(Math.abs))).toBeGreaterThan(0);
    input.close();
  });

  test('is in another codec from its third packet in a row on, and not again at once', () => {
    const input = new LegInput(plain, 8000);
    const say = speaker();
    let atMs = 0;
    const spoken = (codec: 'PCMU' | 'PCMA', packets: number): PhoneCodec | undefined => {
      for (let packet = 0; packet < packets; packet += 1, atMs += 20) say(input, codec, atMs);
      return input.codec;
    };
    expect(spoken('PCMU', 1)).toBe('PCMU');
    expect(spoken('PCMA', 2)).toBe('PCMU');
    expect(spoken('PCMU', 1)).toBe('PCMU');
    expect(spoken('PCMA', 2)).toBe('PCMU');
    expect(spoken('PCMA', 1)).toBe('PCMA');
    // To and fro would make a track in the room each time.
    expect(spoken('PCMU', 40)).toBe('PCMA');
    expect(spoken('PCMU', 20)).toBe('PCMU');
    input.close();
  });

  test('is heard as soon as before after the thread stood still', () => {
    const input = new LegInput(plain, 8000);
    const say = speaker();
    const delays = new Set<number>();
    for (let tick = 0; tick < 400; tick += 1) {
      // What came from the 250th tick on is read with the 254th, and each is played for when it was due.
      const readsAtMs = tick >= 250 && tick < 255 ? 20 * 254 : 20 * tick;
      say(input, 'PCMU', readsAtMs);
      if (tick >= 250 && tick < 254) continue;
      for (let due = tick === 254 ? 250 : tick; due <= tick; due += 1) input.tick(20 * due, undefined);
      if (tick > 2) delays.add(input.counts.delayMs);
    }
    expect(Math.max(...delays)).toBeLessThanOrEqual(20);
    expect(input.counts).toMatchObject({ late: 0, concealedMs: 0 });
    input.close();
  });

  test('has no keys in it that are found in the sound, but for less than a key takes', () => {
    const input = new LegInput({ ...plain, inBandDtmf: true }, 8000);
    const encoder = createEncoder('PCMU');
    const sender = new RtpSender();
    const [row, column] = [sine(770, { sampleRate: 8000, ms: 2_000 }), sine(1336, { sampleRate: 8000, ms: 2_000 })];
    const digits: string[] = [];
    const heardMs = { inMix: 0, inRoom: 0 };
    for (let tick = 0; tick < 60; tick += 1) {
      const isDown = tick >= 20 && tick < 40;
      const from = 160 * tick;
      const pcm = Int16Array.from({ length: 160 }, (_, at) =>
        isDown ? (row[from + at] ?? 0) / 2 + (column[from + at] ?? 0) / 2 : 0,
      );
      const frame = { payloadType: 0, clockRate: 8000, ticks: 160, payload: encoder.encode(pcm) };
      const bytes = Buffer.alloc(400);
      const packet = parseRtp(bytes.subarray(0, sender.write(bytes, frame, 20 * tick)));
      if (packet) input.push(packet, { payloadType: 0, name: 'PCMU', clockRate: 8000 }, false, 20 * tick);
      const found = input.tick(20 * tick, (_, dbov) => {
        if (dbov > -40) heardMs.inRoom += 20;
      });
      digits.push(...found.map(({ digit }) => digit));
      if (input.frame.some((sample) => Math.abs(sample) > 500)) heardMs.inMix += 20;
    }
    expect(digits).toEqual(['5']);
    expect(heardMs.inMix).toBeLessThanOrEqual(40);
    expect(heardMs.inRoom).toBeLessThanOrEqual(40);
    input.close();
  });

  test('is whole at another rate in the middle of it', () => {
    const input = new LegInput(plain, 8000);
    const say = speaker();
    const heard: number[] = [];
    for (let tick = 0; tick < 60; tick += 1) {
      say(input, 'PCMU', 20 * tick);
      if (tick === 20) input.setRate(16_000);
      input.tick(20 * tick, undefined);
      if (tick > 25) heard.push(...input.frame);
    }
    expect(heard).toHaveLength(34 * 320);
    expect(toneShareDb(Int16Array.from(heard), 16_000, 440)).toBeGreaterThan(-1);
    input.close();
  });
});
