import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRtcp, writeRtcp } from './rtcp.ts';
import { RtcpSession } from './rtcp-session.ts';
import { isRtcp, parseRtp } from './rtp-packet.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { RtpSender } from './rtp-sender.ts';

const into = Buffer.alloc(400);
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const block = fc.record({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  lost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSequence: uint32,
  jitter: uint32,
  lastReport: uint32,
  sinceLastReport: uint32,
});
const counts = fc.record({ timestamp: uint32, packets: uint32, octets: uint32 });

describe('compound RTCP', () => {
  test('is read as it was written', () => {
    const reports = fc.record({
      ssrc: uint32,
      cname: fc.string({ maxLength: 255, unit: 'grapheme-ascii' }),
      bye: fc.boolean(),
      block: fc.option(block, { nil: undefined }),
      sender: fc.option(fc.record({ ntpMs: fc.integer({ min: 0, max: 2 ** 40 }), counts }), { nil: undefined }),
    });
    fc.assert(
      fc.property(reports, ({ ssrc, cname, bye, block, sender }) => {
        const length = writeRtcp(into, {
          ssrc,
          cname,
          bye,
          ...(block ? { block } : {}),
          ...(sender ? { sender: { ntpMs: sender.ntpMs, ...sender.counts } } : {}),
        });
        expect(length % 4).toBe(0);
        const bytes = Buffer.from(into.subarray(0, length));
        expect(isRtcp(bytes)).toBe(true);
        expect(parseRtp(bytes)).toBeUndefined();
        const info = sender && { ntp: expect.any(Number), ...sender.counts };
        expect(parseRtcp(bytes)).toEqual([
          { type: 'report', ssrc, blocks: block ? [block] : [], ...(info ? { sender: info } : {}) },
          { type: 'name', ssrc, cname },
          ...(bye ? [{ type: 'bye', ssrcs: [ssrc] }] : []),
        ]);
        for (let cut = 1; cut < length; cut += 7) parseRtcp(bytes.subarray(0, length - cut));
      }),
    );
  });

  test('that is cut off is none', () => {
    const bytes = Buffer.from(into.subarray(0, writeRtcp(into, { ssrc: 1, cname: 'call' })));
    for (let length = 0; length < bytes.length; length++) {
      // The report is whole before its name.
      const parsed = parseRtcp(bytes.subarray(0, length));
      expect(parsed).toEqual(length === 8 ? [{ type: 'report', ssrc: 1, blocks: [] }] : undefined);
    }
  });

  test('of any bytes at all is read or refused, without a throw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.integer({ min: 198, max: 207 }),
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: 0, max: 31 }),
        (random, type, count, words) => {
          const bytes = Buffer.from(random);
          if (bytes.length >= 4) {
            bytes[0] = 0x80 | count;
            bytes[1] = type;
            bytes.writeUInt16BE(words, 2);
          }
          parseRtcp(bytes);
          const session = new RtcpSession({
            sender: new RtpSender(),
            receiver: new RtpReceiver({ clockRate: 8_000 }),
            cname: 'x',
          });
          session.take(bytes, 1);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the reports of a call', () => {
  const packet = Buffer.alloc(200);
  const voice = { payloadType: 0, clockRate: 8_000, ticks: 160, payload: Buffer.alloc(160) };

  function end(ssrc: number) {
    const sender = new RtpSender({ ssrc });
    const receiver = new RtpReceiver({ clockRate: 8_000 });
    return { sender, receiver, session: new RtcpSession({ sender, receiver, cname: 'call', random: () => 0.5 }) };
  }

  /** 5 s of voice from one to the other over 40 ms, of which each tenth packet is lost. */
  function talk(from: ReturnType<typeof end>, to: ReturnType<typeof end>, startMs: number): void {
    for (let at = 0; at < 250; at++) {
      const length = from.sender.write(packet, voice, startMs + at * 20);
      const parsed = parseRtp(Buffer.from(packet.subarray(0, length)))!;
      if (at % 10 !== 5) to.receiver.take(parsed, startMs + 40 + at * 20);
    }
  }

  function report(from: ReturnType<typeof end>, nowMs: number): Buffer {
    return Buffer.from(into.subarray(0, from.session.write(into, nowMs)));
  }

  test('tell the round trip, the loss and the jitter', () => {
    const [one, other] = [end(1), end(2)];
    talk(one, other, 10_000);
    other.session.take(report(one, 15_000), 15_040);
    const answer = report(other, 16_500);
    one.session.take(answer, 16_565);
    expect(one.session.remote.rttMs).toBeCloseTo(105, 0);
    expect(one.session.remote).toMatchObject({ lost: 25, jitterMs: 0 });
    expect(one.session.remote.lossRatio).toBeCloseTo(0.1, 1);
    // Nothing was sent by the other one.
    expect(parseRtcp(answer)?.[0]).not.toHaveProperty('sender');
    expect(other.session.remote.rttMs).toBeUndefined();
  });

  test('tell what was sent, and the timestamp of now', () => {
    const [one, other] = [end(1), end(2)];
    talk(one, other, 0);
    const [first] = parseRtcp(report(one, 5_000))!;
    expect(first).toMatchObject({ type: 'report', sender: { packets: 250, octets: 40_000 } });
    // The next packet is due then.
    const length = one.sender.write(packet, voice, 5_000);
    const { timestamp } = parseRtp(Buffer.from(packet.subarray(0, length)))!;
    expect(first).toMatchObject({ sender: { timestamp } });
  });

  test('are due every 5 s, the first one sooner', () => {
    const { session } = end(1);
    expect([0, 2_499, 2_500].map((nowMs) => session.isDue(nowMs))).toEqual([false, false, true]);
    session.write(into, 2_500);
    expect([2_600, 7_499, 7_500].map((nowMs) => session.isDue(nowMs))).toEqual([false, false, true]);
  });

  test('move to another thread with what was told', () => {
    const [one, other] = [end(1), end(2)];
    talk(one, other, 10_000);
    other.session.take(report(one, 15_000), 15_000);
    const { sender, receiver } = other;
    const state = structuredClone(other.session.state());
    const session = new RtcpSession({ sender, receiver, cname: 'call', random: () => 0.5, state });
    one.session.take(report({ sender, receiver, session }, 16_000), 16_070);
    expect(one.session.remote.rttMs).toBeCloseTo(70, 0);
    const moved = new RtcpSession({ ...one, cname: 'call', state: structuredClone(one.session.state()) });
    expect(moved.remote).toEqual(one.session.remote);
    expect(moved.isDue(19_999)).toBe(false);
    expect(moved.isDue(20_000)).toBe(true);
  });

  test('tell no time since a report that came after what it is told for', () => {
    const [one, other] = [end(1), end(2)];
    talk(one, other, 0);
    other.session.take(report(one, 5_000), 5_070);
    // As a tick that is late plays what was due before.
    one.session.take(report(other, 5_060), 5_070);
    expect(one.session.remote.rttMs).toBeCloseTo(70, 0);
  });

  test('say when a stream ends', () => {
    const [one, other] = [end(1), end(2)];
    talk(one, other, 0);
    const bye = Buffer.from(into.subarray(0, one.session.write(into, 5_000, { bye: true })));
    expect(parseRtcp(bye)).toContainEqual({ type: 'bye', ssrcs: [one.sender.ssrc] });
  });

  test('of others say nothing of us', () => {
    const one = end(1);
    const length = writeRtcp(into, {
      ssrc: 9,
      cname: 'x',
      block: { ssrc: 77, fractionLost: 9, lost: 9, highestSequence: 9, jitter: 9, lastReport: 9, sinceLastReport: 9 },
    });
    one.session.take(Buffer.from(into.subarray(0, length)), 100);
    expect(one.session.remote.lost).toBeUndefined();
  });
});
