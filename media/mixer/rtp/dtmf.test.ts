import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../core/errors.ts';
import type { Digit } from './digit.ts';
import { DtmfReceiver } from './dtmf-receiver.ts';
import { DtmfSender } from './dtmf-sender.ts';
import { parseRtp, type RtpPacket } from './rtp-packet.ts';
import { RtpSender } from './rtp-sender.ts';

const into = Buffer.alloc(200);
const narrow = { payloadType: 101, clockRate: 8_000 };
const wide = { payloadType: 110, clockRate: 48_000 };

interface Tick {
  readonly nowMs: number;
  readonly packet: RtpPacket | undefined;
}

/** All that is sent until nothing waits any more. */
function sent(sender: DtmfSender, rtp = new RtpSender(), fromMs = 0): Tick[] {
  const ticks: Tick[] = [];
  for (let nowMs = fromMs; sender.isSending; nowMs += 20) {
    const length = sender.write(into, rtp, nowMs);
    ticks.push({ nowMs, packet: length > 0 ? parseRtp(Buffer.from(into.subarray(0, length))) : undefined });
  }
  return ticks;
}

function packetsOf(digits: string, options: { durationMs?: number; gapMs?: number } = {}, format = narrow): Tick[] {
  const sender = new DtmfSender(format);
  sender.send(digits, options);
  return sent(sender);
}

/** Takes the packets that are kept, and then waits until all must have been told. */
function received(
  ticks: readonly Tick[],
  keep: (packet: RtpPacket, at: number) => boolean,
  clockRate = 8_000,
): Digit[] {
  const receiver = new DtmfReceiver({ clockRate });
  const digits: Digit[] = [];
  let at = 0;
  for (const { nowMs, packet } of ticks) {
    if (packet && keep(packet, at++)) digits.push(...receiver.take(packet, nowMs));
    digits.push(...receiver.tick(nowMs));
  }
  digits.push(...receiver.tick(Number.POSITIVE_INFINITY));
  return digits;
}

const spelled = (digits: readonly Digit[]) => digits.map(({ digit }) => digit).join('');
const isEnd = ({ payload }: RtpPacket) => (payload[1]! & 0x80) !== 0;
const anyDigits = fc.string({ unit: fc.constantFrom(...'0123456789*#ABCD'), minLength: 1, maxLength: 12 });

describe('digits as events', () => {
  test.each([narrow, wide])('are told as they were pressed: $clockRate Hz', (format) => {
    fc.assert(
      fc.property(
        anyDigits,
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 2, max: 10 }),
        (digits, length, gap) => {
          const times = { durationMs: length * 20, gapMs: gap * 20 };
          const told = received(packetsOf(digits, times, format), () => true, format.clockRate);
          expect(spelled(told)).toBe(digits);
          for (const { durationMs } of told) expect(durationMs).toBe(times.durationMs);
        },
      ),
    );
  });

  test('are one packet a tick, the first with a marker, the last three times as an end', () => {
    const packets = packetsOf('5', { durationMs: 100 }).flatMap(({ packet }) => packet ?? []);
    expect(packets.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false]);
    expect(packets.map(isEnd)).toEqual([false, false, false, false, true, true, true]);
    expect(packets.map(({ payload }) => payload.readUInt16BE(2))).toEqual([160, 320, 480, 640, 800, 800, 800]);
    expect(new Set(packets.map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(packets.every(({ payload, payloadType }) => payload[0] === 5 && payloadType === 101)).toBe(true);
  });

  test('take the place of the voice, whose numbers and time go on', () => {
    const rtp = new RtpSender();
    const voice = { payloadType: 0, clockRate: 8_000, ticks: 160, payload: Buffer.alloc(160) };
    const spoken = (nowMs: number) => parseRtp(Buffer.from(into.subarray(0, rtp.write(into, voice, nowMs))))!;
    const before = spoken(0);
    const sender = new DtmfSender(narrow);
    sender.send('1', { durationMs: 100, gapMs: 100 });
    const ticks = sent(sender, rtp, 20);
    const events = ticks.flatMap(({ packet }) => packet ?? []);
    const after = spoken(20 + ticks.length * 20);
    expect(ticks).toHaveLength(10);
    expect((events[0]!.timestamp - before.timestamp) | 0).toBe(160);
    expect((after.timestamp - before.timestamp) | 0).toBe(160 * 11);
    expect(after.marker).toBe(true);
    expect([...events, after].map(({ sequence }) => (sequence - before.sequence) & 0xffff)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  test('are told once each, in order, when any one packet of each comes', () => {
    fc.assert(
      fc.property(anyDigits, fc.infiniteStream(fc.boolean()), (digits, coins) => {
        const ticks = packetsOf(digits, { durationMs: 160 });
        const packets = ticks.flatMap(({ packet }) => packet ?? []);
        const chosen = new Set<RtpPacket>();
        for (const timestamp of new Set(packets.map((packet) => packet.timestamp))) {
          const own = packets.filter((packet) => packet.timestamp === timestamp);
          const kept = own.filter(() => coins.next().value);
          for (const packet of kept.length > 0 ? kept : own.slice(3, 4)) chosen.add(packet);
        }
        expect(spelled(received(ticks, (packet) => chosen.has(packet)))).toBe(digits);
      }),
    );
  });

  test('whose ends are all lost are told after a while', () => {
    const ticks = packetsOf('7', { durationMs: 100 });
    const receiver = new DtmfReceiver({ clockRate: 8_000 });
    for (const { packet, nowMs } of ticks) if (packet && !isEnd(packet)) receiver.take(packet, nowMs);
    expect(receiver.pressed).toBe('7');
    expect(receiver.tick(200)).toEqual([]);
    expect(receiver.tick(60 + 250)).toEqual([{ digit: '7', durationMs: 80 }]);
    expect(receiver.tick(1_000)).toEqual([]);
    // An end that comes after all.
    expect(receiver.take(ticks[5]!.packet!, 1_000)).toEqual([]);
  });

  test('that come twice, or out of order, are told once', () => {
    const ticks = packetsOf('12', { durationMs: 60, gapMs: 40 });
    const packets = ticks.flatMap(({ packet }) => packet ?? []);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12, maxLength: 12 }), (moved) => {
        const shuffled = [...packets, ...packets]
          .map((packet, at) => ({
            packet,
            place: (at % packets.length) + moved[at % 12]! * (at < packets.length ? 0.3 : 0.9),
          }))
          .sort((one, other) => one.place - other.place);
        const receiver = new DtmfReceiver({ clockRate: 8_000 });
        expect(spelled(shuffled.flatMap(({ packet }, at) => receiver.take(packet, at * 20)))).toBe('12');
      }),
    );
  });

  test.each([narrow, wide])('may be longer than 16 bits of ticks: $clockRate Hz', (format) => {
    const ticks = packetsOf('3', { durationMs: 10_000 }, format);
    const packets = ticks.flatMap(({ packet }) => packet ?? []);
    expect(new Set(packets.map(({ timestamp }) => timestamp)).size).toBe(Math.ceil((10 * format.clockRate) / 0xffff));
    expect(packets.filter(({ marker }) => marker)).toHaveLength(1);
    expect(packets.filter(isEnd)).toHaveLength(3);
    expect(received(ticks, () => true, format.clockRate)).toEqual([{ digit: '3', durationMs: 10_000 }]);
    // Every fifth packet alone.
    const some = received(ticks, (packet, at) => at % 5 === 0 || isEnd(packet), format.clockRate);
    expect(some).toEqual([{ digit: '3', durationMs: 10_000 }]);
  });

  test('move to another thread in the middle of a press, on both sides', () => {
    for (let moveAt = 0; moveAt < 20; moveAt++) {
      let sender = new DtmfSender(narrow);
      let rtp = new RtpSender();
      let receiver = new DtmfReceiver({ clockRate: 8_000 });
      sender.send('19', { durationMs: 100 });
      const digits: Digit[] = [];
      for (let at = 0; sender.isSending; at++) {
        if (at === moveAt) {
          sender = new DtmfSender({ state: structuredClone(sender.state()) });
          rtp = new RtpSender({ state: structuredClone(rtp.state()) });
          receiver = new DtmfReceiver({ state: structuredClone(receiver.state()) });
        }
        const length = sender.write(into, rtp, at * 20);
        if (length > 0) digits.push(...receiver.take(parseRtp(Buffer.from(into.subarray(0, length)))!, at * 20));
      }
      expect(digits).toEqual([
        { digit: '1', durationMs: 100 },
        { digit: '9', durationMs: 100 },
      ]);
    }
  });

  test('are heard again where the sender’s clock is set back', () => {
    const receiver = new DtmfReceiver({ clockRate: 8_000 });
    const end = (timestamp: number): RtpPacket => {
      const payload = Buffer.from([4, 0x8a, 3, 0x20]);
      return { payloadType: 101, sequence: 0, timestamp, ssrc: 1, marker: false, payload };
    };
    expect(spelled(receiver.take(end(1_000_000), 0))).toBe('4');
    expect(spelled(receiver.take(end(1_000_000), 20))).toBe('');
    expect(spelled(receiver.take(end(5_000), 900))).toBe('4');
  });

  test('of other tones, and cut off packets, are none', () => {
    const receiver = new DtmfReceiver({ clockRate: 8_000 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), fc.nat(), fc.nat({ max: 3 }), (payload, timestamp, ssrc) => {
        const told = receiver.take(
          { payloadType: 101, sequence: 0, timestamp, ssrc, marker: false, payload: Buffer.from(payload) },
          0,
        );
        for (const { digit, durationMs } of told) {
          expect(digit).toMatch(/^[0-9*#A-D]$/);
          expect(durationMs).toBeGreaterThanOrEqual(0);
        }
        if (payload.length < 4 || payload[0]! > 15) expect(told).toEqual([]);
      }),
    );
  });
});

describe('sending digits', () => {
  test('refuses what is no digit, and too many, and sends none of them', () => {
    const sender = new DtmfSender(narrow);
    expect(() => sender.send('12x')).toThrow(AppError);
    expect(sender.isSending).toBe(false);
    sender.send('1'.repeat(128));
    expect(() => sender.send('2')).toThrow(AppError);
  });

  test('lets a key go that is down when the rest is dropped', () => {
    const sender = new DtmfSender(narrow);
    sender.send('123', { durationMs: 1_000 });
    const rtp = new RtpSender();
    const first = Array.from({ length: 5 }, (_, at) => ({
      nowMs: at * 20,
      packet: parseRtp(Buffer.from(into.subarray(0, sender.write(into, rtp, at * 20)))),
    }));
    sender.clear();
    const rest = sent(sender, rtp, 100);
    expect(received([...first, ...rest], () => true)).toEqual([{ digit: '1', durationMs: 120 }]);
  });
});
