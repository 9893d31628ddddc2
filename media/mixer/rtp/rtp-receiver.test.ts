import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RtpPacket } from './rtp-packet.ts';
import { RtpReceiver } from './rtp-receiver.ts';

function packet(sequence: number, { ssrc = 1, timestamp = sequence * 160 } = {}): RtpPacket {
  const numbers = { sequence: sequence & 0xffff, timestamp: timestamp >>> 0 };
  return { payloadType: 0, ssrc, marker: false, payload: Buffer.alloc(160), ...numbers };
}

function takeAll(receiver: RtpReceiver, packets: readonly RtpPacket[], fromMs = 0) {
  return packets.map((packet, at) => receiver.take(packet, fromMs + 20 * at));
}

describe('a stream from a phone', () => {
  test('has a number for each packet, over the turn of 16 bits', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    const packets = Array.from({ length: 300 }, (_, at) => packet(65_400 + at));
    expect(new Set(takeAll(receiver, packets))).toEqual(new Set(['taken']));
    expect(receiver.stats).toMatchObject({ packets: 300, octets: 48_000, lost: 0, duplicates: 0, jitterMs: 0 });
    expect(receiver.report()).toMatchObject({ ssrc: 1, lost: 0, fractionLost: 0, highestSequence: 65_699 });
  });

  test('counts what is lost, what comes twice and what comes late', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    const verdicts = takeAll(
      receiver,
      [1, 2, 4, 3, 3, 7].map((sequence) => packet(sequence)),
    );
    expect(verdicts).toEqual(['taken', 'taken', 'taken', 'taken', 'duplicate', 'taken']);
    expect(receiver.stats).toMatchObject({ lost: 2, duplicates: 1, packets: 5 });
    expect(receiver.report()).toMatchObject({ lost: 2, fractionLost: Math.floor((2 * 256) / 7) });
    receiver.take(packet(8), 200);
    expect(receiver.report()).toMatchObject({ lost: 2, fractionLost: 0 });
  });

  test('is another one from the second packet of another SSRC on', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    const other = (sequence: number) => packet(sequence, { ssrc: 2 });
    takeAll(receiver, [packet(1), packet(3)]);
    expect(takeAll(receiver, [other(500), other(501), other(502)])).toEqual(['refused', 'restarted', 'taken']);
    expect(receiver.state().ssrc).toBe(2);
    expect(receiver.stats).toMatchObject({ lost: 1, refused: 1, packets: 4 });
  });

  test('is not another one while its own packets come', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    const mixed = Array.from({ length: 10 }, (_, at) => [packet(at), packet(900 + at, { ssrc: 2 })]).flat();
    const verdicts = takeAll(receiver, mixed);
    expect(verdicts.filter((verdict) => verdict === 'taken')).toHaveLength(10);
    expect(receiver.state().ssrc).toBe(1);
  });

  test('may jump, and is believed from the second packet on', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    const packets = [1, 2, 30_000, 30_001, 30_002].map((sequence) => packet(sequence));
    expect(takeAll(receiver, packets)).toEqual(['taken', 'taken', 'refused', 'restarted', 'taken']);
    expect(receiver.stats.lost).toBe(0);
  });

  test('has the jitter of RFC 3550, appendix A.8', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    let expected = 0;
    for (let at = 0; at < 100; at++) {
      receiver.take(packet(at), at * 20 + (at % 2) * 10);
      if (at > 0) expected += (10 - expected) / 16;
    }
    expect(receiver.stats.jitterMs).toBeCloseTo(expected, 6);
    expect(receiver.report()?.jitter).toBe(Math.round(expected * 8));
  });

  test('has no jitter of the packets of a digit, nor of a clock that was set anew', () => {
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    takeAll(
      receiver,
      [1, 2, 3].map((sequence) => packet(sequence)),
    );
    takeAll(
      receiver,
      [4, 5, 6, 7].map((sequence) => packet(sequence, { timestamp: 640 })),
      60,
    );
    takeAll(
      receiver,
      [8, 9].map((sequence) => packet(sequence, { timestamp: 4_000_000 + sequence * 160 })),
      140,
    );
    expect(receiver.stats.jitterMs).toBe(0);
  });

  test('moves to another thread with all that it was', () => {
    const packets = [5, 6, 9, 9, 8, 12, 13].map((sequence) => packet(sequence));
    const whole = new RtpReceiver({ clockRate: 8_000 });
    takeAll(whole, packets);
    const first = new RtpReceiver({ clockRate: 8_000 });
    takeAll(first, packets.slice(0, 4));
    const second = new RtpReceiver({ state: structuredClone(first.state()) });
    takeAll(second, packets.slice(4), 80);
    expect(second.state()).toEqual(whole.state());
  });

  test('counts each packet once, in any order and however often it comes', () => {
    const orders = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(orders, fc.integer({ min: 0, max: 65_535 }), (sequences, base) => {
        const receiver = new RtpReceiver({ clockRate: 8_000 });
        const verdicts = takeAll(
          receiver,
          sequences.map((sequence) => packet(base + sequence)),
        );
        const different = new Set(sequences);
        expect(verdicts.filter((verdict) => verdict === 'taken')).toHaveLength(different.size);
        const { lost } = receiver.stats;
        expect(lost).toBe(Math.max(...sequences) - Math.min(...sequences) + 1 - different.size);
      }),
    );
  });
});
