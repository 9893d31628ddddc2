import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JitterBuffer } from './jitter-buffer.ts';
import { ticksOfG711, ticksOfOpus } from './packet-ticks.ts';
import type { RtpPacket } from './rtp-packet.ts';

interface Sent {
  readonly packet: RtpPacket;
  readonly arrivesMs: number;
}

interface Stream {
  readonly ptimeMs?: number;
  readonly packets?: number;
  /** How long a packet is under way; undefined: it is lost. */
  readonly underWayMs?: (at: number) => number | undefined;
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
  /** The sender's clock, of ours. */
  readonly pace?: number;
}

function packetOf(sequence: number, timestamp: number, bytes = 160): RtpPacket {
  const numbers = { sequence: sequence & 0xffff, timestamp: timestamp >>> 0 };
  const payload = Buffer.alloc(bytes);
  payload.writeUInt32BE(sequence);
  return { payloadType: 0, ssrc: 1, marker: false, payload, ...numbers };
}

function streamOf(options: Stream = {}): Sent[] {
  const {
    ptimeMs = 20,
    packets = 200,
    underWayMs = () => 30,
    firstSequence = 1,
    firstTimestamp = 0,
    pace = 1,
  } = options;
  return Array.from({ length: packets }, (_, at) => {
    const arrivesMs = at * ptimeMs * pace + (underWayMs(at) ?? Number.NaN);
    return { packet: packetOf(firstSequence + at, firstTimestamp + at * ptimeMs * 8, ptimeMs * 8), arrivesMs };
  })
    .filter(({ arrivesMs }) => !Number.isNaN(arrivesMs))
    .sort((one, other) => one.arrivesMs - other.arrivesMs);
}

interface Heard {
  readonly kind: string;
  /** Of a frame: which packet of the stream it is, as it was numbered before the turn of 16 bits. */
  readonly at: number | undefined;
  readonly delayMs: number;
}

/** Plays for so long in ticks of 20 ms, as a mixer does; `phaseMs`: where in a tick the stream begins. */
function play(buffer: JitterBuffer, stream: readonly Sent[], { forMs = 0, phaseMs = 5 } = {}): Heard[] {
  const heard: Heard[] = [];
  const waiting = [...stream];
  const endMs = forMs || (stream.at(-1)?.arrivesMs ?? 0) + 200;
  let ownMs = 0;
  for (let nowMs = 0; nowMs < endMs; nowMs += 20) {
    while (waiting[0] && waiting[0].arrivesMs + phaseMs <= nowMs) {
      const { packet, arrivesMs } = waiting.shift()!;
      buffer.push(packet, arrivesMs + phaseMs);
    }
    for (; ownMs < 20; ) {
      const { kind, payload, ms } = buffer.pull(nowMs);
      heard.push({ kind, at: kind === 'frame' ? payload.readUInt32BE(0) : undefined, delayMs: buffer.stats.delayMs });
      ownMs += ms;
    }
    ownMs -= 20;
  }
  return heard;
}

const frames = (heard: readonly Heard[]) => heard.flatMap(({ at }) => (at === undefined ? [] : [at]));
const kinds = (heard: readonly Heard[], kind: string) => heard.filter((one) => one.kind === kind).length;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

function g711(options: { minMs?: number; maxMs?: number; startMs?: number } = {}): JitterBuffer {
  return new JitterBuffer({ clockRate: 8_000, ticksOf: ticksOfG711, ...options });
}

describe('a jitter buffer', () => {
  test.each([10, 20, 30, 40, 60])('plays an even stream of packets of %i ms whole and in order', (ptimeMs) => {
    const heard = play(
      g711(),
      streamOf({ ptimeMs, packets: 100, firstSequence: 65_500, firstTimestamp: 2 ** 32 - 800 }),
    );
    expect(frames(heard)).toEqual(range(65_500, 65_600));
    const begin = heard.findIndex(({ kind }) => kind === 'frame');
    const end = heard.findLastIndex(({ kind }) => kind === 'frame');
    expect(new Set(heard.slice(begin, end + 1).map(({ kind }) => kind))).toEqual(new Set(['frame']));
  });

  test('holds packets for as long as it is told to begin with, and less when all are in time', () => {
    const buffer = g711({ startMs: 60 });
    const heard = play(buffer, streamOf({ packets: 1_500 }));
    const first = heard.find(({ kind }) => kind === 'frame')!;
    expect(Math.abs(first.delayMs - 60)).toBeLessThanOrEqual(10);
    expect(buffer.stats).toMatchObject({ targetMs: 20, late: 0 });
    expect(heard.findLast(({ kind }) => kind === 'frame')!.delayMs).toBeLessThanOrEqual(50);
    // Each step leaves one packet out, seconds apart.
    expect(buffer.stats.discarded).toBeLessThanOrEqual(2);
    expect(frames(heard).length).toBe(1_500 - buffer.stats.discarded);
  });

  test('leaves packets out where it is quiet', () => {
    const buffer = g711({ startMs: 100 });
    const stream = streamOf({ packets: 1_500 });
    let left = 0;
    for (let nowMs = 0; nowMs < 30_000; nowMs += 20) {
      while (stream[0] && stream[0].arrivesMs <= nowMs) buffer.push(stream.shift()!.packet, nowMs);
      const isQuiet = nowMs % 200 === 0;
      const before = buffer.stats.discarded;
      buffer.pull(nowMs, isQuiet);
      if (!isQuiet) left += buffer.stats.discarded - before;
    }
    expect(buffer.stats.discarded).toBeGreaterThan(1);
    expect(left).toBe(0);
  });

  test('conceals what is lost, for as long as it was', () => {
    const lost = new Set([50, 80, 81, 120]);
    const heard = play(g711(), streamOf({ underWayMs: (at) => (lost.has(at) ? undefined : 30) }));
    expect(frames(heard)).toEqual(range(1, 201).filter((at) => !lost.has(at - 1)));
    const conceals = heard.flatMap(({ kind }, at) =>
      kind === 'conceal' ? [heard[at - 1]?.at ?? heard[at - 2]?.at] : [],
    );
    expect(conceals.slice(0, 4)).toEqual([50, 80, 80, 120]);
    // What follows is heard no later for it.
    const delays = heard.filter(({ kind }) => kind === 'frame').map(({ delayMs }) => delayMs);
    expect(Math.max(...delays) - Math.min(...delays)).toBeLessThanOrEqual(20);
  });

  test('has the packet behind a hole at hand when the end of the hole is concealed', () => {
    const buffer = g711();
    const lost = new Set([50, 80, 81]);
    const behind: number[] = [];
    for (let at = 0; at < 100; at++) {
      if (!lost.has(at)) buffer.push(packetOf(at, at * 160), at * 20);
      const { kind, next } = buffer.pull(at * 20);
      if (next) behind.push(next.readUInt32BE(0));
      if (kind !== 'conceal') expect(next).toBeUndefined();
    }
    expect(behind).toEqual([51, 82]);
  });

  test('puts packets that were overtaken in order again', () => {
    const heard = play(g711(), streamOf({ underWayMs: (at) => (at % 7 === 3 ? 55 : 30) }));
    expect(frames(heard)).toEqual(range(1, 201));
    expect(kinds(heard.slice(10, 190), 'conceal')).toBe(0);
  });

  test('takes a packet that comes twice once', () => {
    const buffer = g711();
    const stream = streamOf().flatMap((sent, at) => (at % 3 === 0 ? [sent, sent] : [sent]));
    expect(frames(play(buffer, stream))).toEqual(range(1, 201));
    expect(buffer.stats.duplicates).toBe(67);
  });

  test('grows when packets come late, and loses none any more', () => {
    const buffer = g711({ startMs: 20 });
    // A jitter of 90 ms, of every fifth packet.
    const heard = play(buffer, streamOf({ packets: 600, underWayMs: (at) => 30 + (at % 5 === 4 ? 90 : at % 3) }));
    const played = frames(heard);
    expect(played.slice(-300)).toEqual(range(301, 601));
    expect(buffer.stats.targetMs).toBeGreaterThan(80);
    expect(buffer.stats.targetMs).toBeLessThanOrEqual(120);
  });

  test('never lets packets wait for longer than its bound, whatever the path does', () => {
    const underWay = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 900 }), fc.constant(undefined)),
      {
        minLength: 20,
        maxLength: 120,
      },
    );
    fc.assert(
      fc.property(underWay, fc.constantFrom(10, 20, 30, 60), (ways, ptimeMs) => {
        const buffer = g711();
        const heard = play(buffer, streamOf({ ptimeMs, packets: ways.length, underWayMs: (at) => ways[at] }));
        const played = frames(heard);
        // Each once, and in order.
        expect(played).toEqual([...new Set(played)].sort((one, other) => one - other));
        for (const { delayMs } of heard) expect(delayMs).toBeLessThanOrEqual(120 + 2 * ptimeMs + 20);
      }),
      { numRuns: 500 },
    );
  });

  test('plays on after the path stood still, without the burst that follows', () => {
    const buffer = g711();
    // 400 ms of packets come at once.
    const heard = play(buffer, streamOf({ underWayMs: (at) => (at >= 50 && at < 70 ? 30 + (70 - at) * 20 : 30) }));
    const played = frames(heard);
    expect(played.slice(-125)).toEqual(range(76, 201));
    expect(heard.findLast(({ kind }) => kind === 'frame')!.delayMs).toBeLessThanOrEqual(100);
    expect(kinds(heard, 'conceal')).toBeLessThanOrEqual(10);
  });

  test.each([0.999, 1.001])('follows a sender whose clock runs by %f', (pace) => {
    const buffer = g711();
    const heard = play(buffer, streamOf({ packets: 3_000, pace }));
    const delays = heard.filter(({ kind }) => kind === 'frame').map(({ delayMs }) => delayMs);
    expect(Math.max(...delays)).toBeLessThanOrEqual(90);
    // 60 ms of drift in a minute are three packets.
    expect(frames(heard).length).toBeGreaterThan(2_990);
    expect(kinds(heard.slice(0, 3_000), 'conceal')).toBeLessThanOrEqual(6);
  });

  test.each([10, 20, 30, 40, 50, 60])('follows a slow sender of packets of %i ms', (ptimeMs) => {
    const buffer = g711();
    const seconds = 300;
    let sentMs = 1_000.3;
    let at = 0;
    let toBeHeardMs = 0;
    for (let nowMs = 1_000; nowMs < 1_000 + 1_000 * seconds; nowMs += 20) {
      for (; sentMs <= nowMs; sentMs += ptimeMs * 1.0005, at += 1) {
        buffer.push(packetOf(at, at * ptimeMs * 8, ptimeMs * 8), sentMs);
      }
      while (toBeHeardMs < 20) toBeHeardMs += buffer.pull(nowMs).ms;
      toBeHeardMs -= 20;
    }
    // Half a millisecond a second is made up.
    expect(buffer.stats.concealedMs).toBeLessThanOrEqual(0.5 * seconds + 2 * ptimeMs);
    expect(buffer.stats.late).toBeLessThanOrEqual(1);
    expect(buffer.stats.delayMs).toBeLessThanOrEqual(80);
  });

  test('is silent while the sender pauses, and starts again in time', () => {
    const buffer = g711();
    const before = streamOf({ packets: 50 });
    // A second later in time, and by its timestamps; with the next sequence number.
    const after = streamOf({ packets: 50, firstSequence: 51, firstTimestamp: 100 * 160 }).map(
      ({ packet, arrivesMs }) => ({
        packet,
        arrivesMs: arrivesMs + 2_000,
      }),
    );
    const heard = play(buffer, [...before, ...after]);
    expect(frames(heard)).toEqual(range(1, 101));
    expect(kinds(heard, 'conceal')).toBeLessThanOrEqual(6);
    const [last, next] = [heard.findIndex(({ at }) => at === 50), heard.findIndex(({ at }) => at === 51)];
    expect(next - last).toBeGreaterThanOrEqual(50);
    expect(next - last).toBeLessThanOrEqual(52);
  });

  test('guesses nothing after a packet of comfort noise', () => {
    const buffer = g711();
    const noise = { ...packetOf(51, 50 * 160, 4), payloadType: 13 };
    const heard = play(buffer, [...streamOf({ packets: 50 }), { packet: noise, arrivesMs: 1_030 }], { forMs: 2_000 });
    expect(frames(heard)).toEqual(range(1, 52));
    expect(kinds(heard, 'conceal')).toBe(0);
  });

  test('misses nothing where a digit took the numbers', () => {
    const buffer = g711();
    for (let at = 0; at < 100; at++) {
      const isDigit = at >= 40 && at < 60;
      if (isDigit) buffer.pass(at);
      else buffer.push(packetOf(at, at * 160), at * 20);
      const { kind } = buffer.pull(at * 20);
      if (at > 5)
        expect(kind, `${at}`).toBe(isDigit && at >= 42 ? 'silence' : at >= 60 && at < 62 ? 'silence' : 'frame');
    }
    expect(buffer.stats.concealedMs).toBe(0);
  });

  test.each([50_000_000, -50_000_000, 3_000])('goes on where timestamps jump by %i', (jump) => {
    const stream = streamOf().map(({ packet, arrivesMs }, at) => ({
      packet: at < 100 ? packet : { ...packet, timestamp: (packet.timestamp + jump) >>> 0 },
      arrivesMs,
    }));
    const heard = play(g711(), stream);
    expect(frames(heard).slice(-95)).toEqual(range(106, 201));
    expect(frames(heard).length).toBeGreaterThan(190);
  });

  test('goes on where a sender’s timestamps stood still through a pause', () => {
    const stream = streamOf().map(({ packet, arrivesMs }, at) => ({
      packet,
      arrivesMs: at < 100 ? arrivesMs : arrivesMs + 400,
    }));
    const heard = play(g711(), stream);
    expect(frames(heard).slice(-90)).toEqual(range(111, 201));
  });

  test('begins anew with another stream', () => {
    const buffer = g711();
    play(buffer, streamOf({ packets: 50 }));
    buffer.reset();
    expect(frames(play(buffer, streamOf({ packets: 50, firstSequence: 40_000, firstTimestamp: 7 })))).toEqual(
      range(40_000, 40_050),
    );
  });

  test('takes what is not pulled, and keeps the newest', () => {
    const buffer = g711();
    for (let at = 0; at < 10_000; at++) buffer.push(packetOf(at, at * 160), at * 20);
    const { kind, payload } = buffer.pull(200_000);
    expect(kind).toBe('frame');
    expect(payload.readUInt32BE(0)).toBeGreaterThan(9_985);
  });

  test('takes packets of any numbers at any time', () => {
    const step = fc.record({
      sequence: fc.integer({ min: 0, max: 0xffff }),
      timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
      bytes: fc.integer({ min: 4, max: 500 }),
      afterMs: fc.integer({ min: 0, max: 5_000 }),
      action: fc.constantFrom('push', 'pass', 'pull', 'near'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const buffer = g711();
        let nowMs = 0;
        for (const { sequence, timestamp, bytes, afterMs, action } of steps) {
          nowMs += afterMs;
          if (action === 'push') buffer.push(packetOf(sequence, timestamp, bytes), nowMs);
          if (action === 'near') buffer.push(packetOf(sequence & 15, (sequence & 15) * 160, bytes), nowMs);
          if (action === 'pass') buffer.pass(sequence);
          const { ms, kind } = buffer.pull(nowMs);
          expect(ms).toBeGreaterThan(0);
          expect(['frame', 'conceal', 'silence']).toContain(kind);
          expect(buffer.stats.targetMs).toBeLessThanOrEqual(120);
          expect(buffer.stats.targetMs).toBeGreaterThanOrEqual(20);
        }
      }),
    );
  });
});

describe('the length of a packet', () => {
  test.each([
    [[0x00], 10],
    [[0x08], 20],
    [[0x18], 60],
    [[0x19, 1], 120],
    [[0x60], 10],
    [[0x68], 20],
    [[0x80], 2.5],
    [[0xf8], 20],
    [[0xfb, 0x02], 40],
    [[0xfb], 0],
    [[0x1b, 0x3f], 0],
    [[], 0],
  ])('of Opus is in its first bytes: %j', (bytes, ms) => {
    expect(ticksOfOpus(Uint8Array.from(bytes))).toBe(ms * 48);
  });
});
