import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAudioLevel } from './header-extensions.ts';
import { parseRtp, type RtpPacket } from './rtp-packet.ts';
import { type RtpFormat, RtpSender } from './rtp-sender.ts';

const into = Buffer.alloc(1_500);
const pcmu: RtpFormat = { payloadType: 0, clockRate: 8_000, ticks: 160 };
const opus: RtpFormat = { payloadType: 111, clockRate: 48_000, ticks: 960 };
const payload = Buffer.alloc(160, 0xff);

function written(sender: RtpSender, format: RtpFormat, nowMs: number): RtpPacket {
  return parseRtp(Buffer.from(into.subarray(0, sender.write(into, { ...format, payload }, nowMs))))!;
}

function forwarded(sender: RtpSender, packet: RtpPacket, nowMs: number): RtpPacket | undefined {
  const length = sender.forward(into, packet, pcmu, nowMs);
  return length < 0 ? undefined : parseRtp(Buffer.from(into.subarray(0, length)))!;
}

function foreign(sequence: number, { ssrc = 7, timestamp = sequence * 160 } = {}): RtpPacket {
  const wrapped = { sequence: sequence & 0xffff, timestamp: timestamp >>> 0 };
  return { payloadType: 96, ssrc, marker: false, payload, ...wrapped };
}

const step = (from: number, to: number) => (to - from) | 0;

describe('a stream to a phone', () => {
  test('counts on by one, and by the length of its packets', () => {
    const sender = new RtpSender({ ssrc: 5 });
    const packets = [0, 20, 40, 61, 79].map((nowMs) => written(sender, pcmu, nowMs));
    packets.slice(1).forEach((packet, at) => {
      expect(packet.sequence).toBe((packets[at]!.sequence + 1) & 0xffff);
      expect(step(packets[at]!.timestamp, packet.timestamp)).toBe(160);
    });
    expect(packets.map(({ marker }) => marker)).toEqual([true, false, false, false, false]);
    expect(packets.every(({ ssrc }) => ssrc === 5)).toBe(true);
    expect(sender).toMatchObject({ packets: 5, octets: 800 });
  });

  test('goes on through a hold: no number is left out, and the timestamp follows the time', () => {
    const sender = new RtpSender();
    const before = written(sender, pcmu, 0);
    const after = written(sender, pcmu, 60_000);
    expect(after.sequence).toBe((before.sequence + 1) & 0xffff);
    expect(step(before.timestamp, after.timestamp)).toBe(60_000 * 8);
    expect(after.marker).toBe(true);
    expect(written(sender, pcmu, 60_020).marker).toBe(false);
  });

  test('stays even where ticks come late and then at once', () => {
    const sender = new RtpSender();
    const first = written(sender, pcmu, 0);
    const packets = [90, 90, 91, 91].map((nowMs) => written(sender, pcmu, nowMs));
    expect(packets.map(({ timestamp }) => step(first.timestamp, timestamp))).toEqual([160, 320, 480, 640]);
  });

  test('goes on through a pause of the voice', () => {
    const sender = new RtpSender();
    const before = written(sender, pcmu, 0);
    for (let nowMs = 20; nowMs < 1_000; nowMs += 20) sender.skip(160);
    const after = written(sender, pcmu, 1_000);
    expect([step(before.timestamp, after.timestamp), after.marker]).toEqual([8_000, true]);
    expect(after.sequence).toBe((before.sequence + 1) & 0xffff);
  });

  test('keeps its SSRC and its numbers over a change of the codec', () => {
    const sender = new RtpSender();
    const before = written(sender, pcmu, 0);
    const packets = [20, 40].map((nowMs) => written(sender, opus, nowMs));
    expect(packets.map(({ sequence }) => (sequence - before.sequence) & 0xffff)).toEqual([1, 2]);
    expect(packets.map(({ timestamp }) => step(before.timestamp, timestamp))).toEqual([160, 160 + 960]);
    expect(packets[1]!.ssrc).toBe(before.ssrc);
  });

  test('moves to another thread with all that it was', () => {
    const sender = new RtpSender();
    const before = written(sender, pcmu, 0);
    const moved = new RtpSender({ state: structuredClone(sender.state()) });
    const after = written(moved, pcmu, 20);
    expect(after).toMatchObject({ ssrc: before.ssrc, sequence: (before.sequence + 1) & 0xffff, marker: false });
    expect(step(before.timestamp, after.timestamp)).toBe(160);
    expect(moved.packets).toBe(2);
    // A thread whose clock began later.
    const elsewhere = new RtpSender({ state: structuredClone(moved.state()) });
    expect(step(after.timestamp, written(elsewhere, pcmu, -5_000).timestamp)).toBe(160);
  });

  test('says how loud its packets are', () => {
    const sender = new RtpSender();
    const length = sender.write(into, { ...pcmu, payload, level: { id: 3, dbov: -41.6 } }, 0);
    const bytes = into.subarray(0, length);
    expect(readAudioLevel(bytes, 3)).toBe(-42);
    expect(parseRtp(bytes)?.payload).toEqual(payload);
  });

  test('passes on another stream with its holes, and none between it and its own', () => {
    const sender = new RtpSender();
    const own = written(sender, pcmu, 0);
    const packets = [65_534, 65_535, 65_538, 65_537].map((sequence, at) =>
      forwarded(sender, foreign(sequence), 20 + 20 * at),
    );
    expect(packets.map((packet) => (packet!.sequence - own.sequence) & 0xffff)).toEqual([1, 2, 5, 4]);
    expect(packets.map((packet) => step(own.timestamp, packet!.timestamp))).toEqual([160, 320, 800, 640]);
    const after = written(sender, pcmu, 120);
    expect((after.sequence - own.sequence) & 0xffff).toBe(6);
    expect(step(own.timestamp, after.timestamp)).toBe(960);
  });

  test('passes on no packet from before it passed on the stream: its number is used', () => {
    const sender = new RtpSender();
    written(sender, pcmu, 0);
    expect(forwarded(sender, foreign(100), 20)).toBeDefined();
    expect(forwarded(sender, foreign(99), 21)).toBeUndefined();
  });

  test('passes on a stream that begins anew without a jump', () => {
    const sender = new RtpSender();
    const first = forwarded(sender, foreign(100), 0)!;
    const other = forwarded(sender, foreign(40_000, { ssrc: 8 }), 20)!;
    const jumped = forwarded(sender, foreign(5, { ssrc: 8, timestamp: 3_000_000_000 }), 40)!;
    expect([other, jumped].map(({ sequence }) => (sequence - first.sequence) & 0xffff)).toEqual([1, 2]);
    expect([other, jumped].map(({ timestamp }) => step(first.timestamp, timestamp))).toEqual([160, 320]);
    expect(other.marker).toBe(true);
  });

  test('never uses a number twice, whatever it sends', () => {
    const actions = fc.array(
      fc.oneof(
        fc.constant('write' as const),
        fc.constant('skip' as const),
        fc.constant('hold' as const),
        fc.record({ sequence: fc.integer({ min: 0, max: 40 }), ssrc: fc.constantFrom(1, 2) }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(actions, (actions) => {
        const sender = new RtpSender();
        const sent = new Map<number, string>();
        let nowMs = 0;
        for (const action of actions) {
          nowMs += action === 'hold' ? 5_000 : 20;
          if (action === 'skip') sender.skip(160);
          if (action === 'hold' || action === 'skip') continue;
          const isOwn = action === 'write';
          const packet = isOwn
            ? written(sender, pcmu, nowMs)
            : forwarded(sender, foreign(action.sequence, action), nowMs);
          if (!packet) continue;
          // A stream may come twice, which its receiver tells apart; two different packets never have one number.
          const name = isOwn ? `own ${nowMs}` : `${action.ssrc} ${action.sequence}`;
          expect(sent.get(packet.sequence) ?? name).toBe(name);
          sent.set(packet.sequence, name);
        }
      }),
    );
  });
});
