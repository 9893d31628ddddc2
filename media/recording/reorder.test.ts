import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRtp, type RtpPacket } from '../mixer/rtp/rtp-packet.ts';
import { Reorder } from './reorder.ts';
import { toBytes } from './testing/packetize.ts';

function packetOf(sequence: number): RtpPacket {
  return {
    payloadType: 96,
    sequence: sequence & 0xffff,
    timestamp: 0,
    ssrc: 1,
    marker: false,
    payload: Buffer.from([1]),
  };
}

describe('Reorder', () => {
  test('packets go on in order, once each, over the end of the numbers', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(fc.nat(15), { minLength: 2, maxLength: 200 }), (first, places) => {
        const reorder = new Reorder();
        const sent = places
          .map((place, index) => ({ index, place: index === 0 ? -1 : index + place }))
          .sort((one, other) => one.place - other.place);
        const twice = sent.flatMap(({ index }) => [index, index]);
        const out = twice.flatMap((index) => reorder.push(packetOf(first + index), 0));
        expect(out.map(({ packet }) => packet.sequence)).toEqual(places.map((_, index) => (first + index) & 0xffff));
        expect(out.every(({ lost }) => lost === 0)).toBe(true);
      }),
    );
  });

  test('a hole is waited for, then given up and counted', () => {
    const reorder = new Reorder({ maxWaitMs: 400 });
    expect(reorder.push(packetOf(1), 0)).toHaveLength(1);
    expect(reorder.push(packetOf(4), 10)).toHaveLength(0);
    expect(reorder.release(409)).toHaveLength(0);
    expect(reorder.release(410)).toMatchObject([{ lost: 2, arrivedMs: 10, packet: { sequence: 4 } }]);
    // Too late.
    expect(reorder.push(packetOf(2), 420)).toHaveLength(0);
    expect(reorder.push(packetOf(5), 430)).toMatchObject([{ lost: 0 }]);
  });

  test('no more wait than there is place for', () => {
    const reorder = new Reorder({ maxWaitMs: 1e9, maxPackets: 10 });
    reorder.push(packetOf(0), 0);
    const out = Array.from({ length: 11 }, (_, index) => reorder.push(packetOf(index + 2), 0)).flat();
    expect(out.map(({ packet }) => packet.sequence)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(out[0]?.lost).toBe(1);
  });

  test('a sender that starts over elsewhere is followed at once', () => {
    const reorder = new Reorder();
    reorder.push(packetOf(100), 0);
    expect(reorder.push(packetOf(40_000), 1)).toMatchObject([{ lost: 1, packet: { sequence: 40_000 } }]);
    expect(reorder.push(packetOf(40_001), 2)).toMatchObject([{ lost: 0 }]);
  });
});

describe('parseRtp()', () => {
  test('reads what lies between contributors, extensions and padding', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.nat(0xffff_ffff),
        fc.uint8Array({ maxLength: 50 }),
        (sequence, timestamp, bytes) => {
          const packet = { ...packetOf(sequence), timestamp, marker: true, payload: Buffer.from(bytes) };
          expect(parseRtp(toBytes(packet))).toEqual(packet);
        },
      ),
    );
  });

  test('takes nothing else for a packet, and throws at nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const packet = parseRtp(Buffer.from(bytes));
        if (packet) expect(packet.payload.length).toBeLessThanOrEqual(bytes.length - 12);
      }),
    );
    // A sender report of RTCP.
    expect(parseRtp(Buffer.from('80c8000600000001000000000000000000000000000000000000000000', 'hex'))).toBeUndefined();
  });
});
