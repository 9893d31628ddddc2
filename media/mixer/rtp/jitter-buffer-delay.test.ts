import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { JitterBuffer } from './jitter-buffer.ts';
import { ticksOfG711 } from './packet-ticks.ts';

interface Path {
  readonly seconds: number;
  readonly ptimeMs?: number;
  /** How long a packet is under way that is sent then. */
  readonly underWayMs?: (sentMs: number, at: number) => number;
  /** The sender's clock, of ours. */
  readonly pace?: number;
  /** Where in a tick packets come. */
  readonly phaseMs?: number;
  /** Our thread stands still from when to when: packets are read and ticks are made up for at the end. */
  readonly stalls?: readonly (readonly [number, number])[];
  readonly isQuiet?: (nowMs: number) => boolean;
}

interface Heard {
  readonly atMs: number;
  /** From mouth to here, but for the fastest way; undefined: guessed, or silence. */
  readonly delayMs: number | undefined;
}

/** As a thread of the mixer does it: it reads what came, and then plays 20 ms at each tick that was due. */
function play(path: Path) {
  const { seconds, ptimeMs = 20, underWayMs = () => 0, pace = 1, phaseMs = 5, stalls = [] } = path;
  const buffer = new JitterBuffer({ clockRate: 8000, ticksOf: ticksOfG711, startMs: 30 });
  const packets = Array.from({ length: (seconds * 1000) / ptimeMs }, (_, at) => {
    const sentMs = phaseMs + at * ptimeMs * pace;
    const payload = Buffer.alloc(ptimeMs * 8);
    payload.writeUInt32BE(at);
    const numbers = { sequence: at & 0xffff, timestamp: (at * ptimeMs * 8) >>> 0 };
    const packet = { payloadType: 0, ssrc: 1, marker: false, payload, ...numbers };
    return { packet, sentMs, comesMs: sentMs + underWayMs(sentMs, at) };
  });
  const sent = packets.map(({ sentMs }) => sentMs);
  packets.sort((one, other) => one.comesMs - other.comesMs);
  /** When the thread gets to what happens then. */
  const turnOf = (ms: number) => stalls.find(([from, to]) => ms >= from && ms < to)?.[1] ?? ms;
  const heard: Heard[] = [];
  let next = 0;
  let queuedMs = 0;
  let concealed = 0;
  let tickedMs = 0;
  for (let dueMs = 20; dueMs < seconds * 1000; dueMs += 20) {
    for (; next < packets.length; next += 1) {
      const { packet, comesMs } = packets[next]!;
      const readMs = turnOf(comesMs);
      if (readMs > turnOf(dueMs)) break;
      buffer.push(packet, readMs, readMs > tickedMs + 21 ? tickedMs : readMs);
    }
    tickedMs = dueMs;
    for (; queuedMs < 20; ) {
      const { kind, payload, ms } = buffer.pull(dueMs, path.isQuiet?.(dueMs) ?? false);
      const isHeard = kind === 'frame';
      if (kind === 'conceal') concealed += 1;
      const delayMs = isHeard ? dueMs + queuedMs - (sent[payload.readUInt32BE(0)] ?? 0) : undefined;
      heard.push({ atMs: dueMs, delayMs });
      queuedMs += ms;
    }
    queuedMs -= 20;
  }
  const delays = (fromMs = 0, toMs = Number.POSITIVE_INFINITY) =>
    heard
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .flatMap(({ delayMs }) => delayMs ?? [])
      .sort((one, other) => one - other);
  const quantile = (share: number, fromMs = 0, toMs = Number.POSITIVE_INFINITY) => {
    const known = delays(fromMs, toMs);
    return known[Math.min(known.length - 1, Math.floor(known.length * share))] ?? Number.NaN;
  };
  const { late, discarded } = buffer.stats;
  if (process.env['SHOW_DELAYS']) {
    const bySecond = Array.from({ length: Math.min(14, seconds) }, (_, at) =>
      Math.round(quantile(0.95, at * 1000, at * 1000 + 1000)),
    );
    console.log(expect.getState().currentTestName, `p50 ${quantile(0.5)} p95 ${quantile(0.95)}`, bySecond.join(' '), {
      late,
      discarded,
      concealed,
      targetMs: buffer.stats.targetMs,
    });
  }
  return { buffer, delays, quantile, concealed, late, discarded, packets: packets.length };
}

const phases = [0, 1, 5, 9, 11, 15, 19];

describe('the delay of a voice', () => {
  test.each(phases)('is 10 to 30 ms where packets come evenly, %i ms after a tick', (phaseMs) => {
    const { buffer, delays, concealed, late } = play({ seconds: 30, phaseMs });
    expect(buffer.stats.targetMs).toBe(20);
    expect(concealed + late).toBe(0);
    expect(delays(5_000).at(-1)).toBeLessThanOrEqual(30);
    expect(delays()[0]).toBeGreaterThanOrEqual(10);
  });

  test.each(phases)('is what it was after our thread stood still for 100 ms, %i ms after a tick', (phaseMs) => {
    for (const fromMs of [5_001, 5_007, 5_013, 5_019]) {
      const { buffer, quantile, concealed, late, discarded, delays } = play({
        seconds: 12,
        phaseMs,
        stalls: [[fromMs, fromMs + 100]],
      });
      expect(quantile(1, 5_000)).toBeLessThanOrEqual(30);
      expect(delays(2_000).length).toBe(500);
      expect(concealed + late).toBe(0);
      expect(discarded).toBeLessThanOrEqual(1);
      expect(buffer.stats.targetMs).toBe(20);
    }
  });

  test.each(phases)('does not grow with a thread that is late again and again, %i ms after a tick', (phaseMs) => {
    const stalls = Array.from({ length: 20 }, (_, at) => [1_000 + at * 487, 1_060 + at * 487] as const);
    const { buffer, quantile, concealed, late } = play({ seconds: 12, phaseMs, stalls });
    expect(quantile(1, 5_500)).toBeLessThanOrEqual(30);
    expect(concealed + late).toBe(0);
    expect(buffer.stats.targetMs).toBe(20);
  });

  test.each(phases)('is back two seconds after the network stood still for 100 ms, %i ms after a tick', (phaseMs) => {
    const stall = (sentMs: number) => (sentMs >= 5_000 && sentMs < 5_100 ? 5_100 - sentMs : 0);
    const { quantile, concealed } = play({ seconds: 12, phaseMs, underWayMs: stall });
    expect(quantile(1, 5_000, 7_100)).toBeLessThanOrEqual(90);
    expect(quantile(1, 7_100)).toBeLessThanOrEqual(30);
    expect(concealed).toBeLessThanOrEqual(6);
  });

  test('is back within half of that where it is quiet', () => {
    const stall = (sentMs: number) => (sentMs >= 5_000 && sentMs < 5_100 ? 5_100 - sentMs : 0);
    const { quantile } = play({ seconds: 12, underWayMs: stall, isQuiet: () => true });
    expect(quantile(1, 6_100, 7_100)).toBeLessThanOrEqual(50);
    expect(quantile(1, 7_100)).toBeLessThanOrEqual(30);
  });

  test.each(phases)('is enough for a jitter of 30 ms that stays, %i ms after a tick', (phaseMs) => {
    const random = createRandom(1);
    const path = play({ seconds: 60, phaseMs, underWayMs: () => random() * 30 });
    expect(path.concealed + path.late + path.discarded).toBeLessThan(path.packets / 100);
    expect(path.buffer.stats.targetMs).toBeGreaterThanOrEqual(35);
    expect(path.buffer.stats.targetMs).toBeLessThanOrEqual(50);
    expect(path.quantile(0.95)).toBeLessThanOrEqual(60);
  });

  test.each(phases)('is back after the path became 50 ms shorter for good, %i ms after a tick', (phaseMs) => {
    const { buffer, quantile, concealed } = play({
      seconds: 20,
      phaseMs,
      underWayMs: (sentMs) => (sentMs < 8_000 ? 50 : 0),
    });
    expect(quantile(1, 10_000)).toBeLessThanOrEqual(30);
    expect(concealed).toBe(0);
    expect(buffer.stats.targetMs).toBe(20);
  });

  test.each(phases)('is 50 ms longer where the path is from then on, %i ms after a tick', (phaseMs) => {
    const { buffer, quantile, concealed } = play({
      seconds: 20,
      phaseMs,
      underWayMs: (sentMs) => (sentMs < 8_000 ? 0 : 50),
    });
    expect(quantile(1, 8_000)).toBeLessThanOrEqual(80);
    expect(concealed).toBeLessThanOrEqual(3);
    expect(buffer.stats.targetMs).toBe(20);
  });

  test('stays as long as needed where one of fifty packets is late by 60 ms', () => {
    const random = createRandom(1);
    const path = play({ seconds: 120, underWayMs: () => (random() < 0.02 ? 60 : random() * 5) });
    expect(path.concealed + path.late + path.discarded).toBeLessThan(path.packets / 100);
  });

  test.each([0, 7, 13, 19])('loses little where the network stands still for 80 ms each 5 s, %i ms', (phaseMs) => {
    const stall = (sentMs: number) => Math.max(0, 80 - (sentMs % 5_000));
    const path = play({ seconds: 120, phaseMs, underWayMs: stall });
    expect(path.concealed + path.late + path.discarded).toBeLessThan(path.packets / 100);
  });

  test.each(phases)('is bounded by a packet and a half where packets are of 60 ms, %i ms after a tick', (phaseMs) => {
    const stalls = [[5_007, 5_107]] as const;
    const { buffer, quantile, concealed, late } = play({ seconds: 20, ptimeMs: 60, phaseMs, stalls });
    expect(buffer.stats.targetMs).toBe(20);
    expect(concealed + late).toBe(0);
    expect(quantile(1, 3_000)).toBeLessThanOrEqual(70);
  });

  test.each([0.9998, 1.0002])('stays for ten minutes with a clock that runs by %d', (pace) => {
    const random = createRandom(1);
    const path = play({ seconds: 600, pace, underWayMs: () => random() * 4 });
    expect(path.quantile(1, 3_000)).toBeLessThanOrEqual(50);
    expect(path.quantile(0.95, 3_000)).toBeLessThanOrEqual(45);
    // 120 ms of drift are six packets of 20 ms.
    expect(path.concealed + path.discarded + path.late).toBeLessThanOrEqual(10);
  });
});
