import type { TrackSample } from '../engine.ts';
import type { Sampled } from '../room-policy.ts';

/** What happened to a track between two readings of its counters. */
export interface Measure {
  /** Bits a second, of all its streams together. */
  readonly bitrate: number;
  /** Share of packets, 0 to 1. Undefined: there were too few to tell. */
  readonly loss: number | undefined;
  readonly jitterMs: number | undefined;
  readonly rttMs: number | undefined;
}

/** Of fewer, one packet more or less would make another score: silence with DTX has two a second. */
const fewPackets = 20;

/** Undefined when there is nothing to compare with, or nothing flowed. */
export function measure({ samples, before }: Pick<Sampled, 'samples' | 'before'>): Measure | undefined {
  if (!before || before.intervalMs <= 0) return undefined;
  const now = sum(samples);
  const then = sum(before.samples);
  const packets = now.packets - then.packets;
  // Streams that started anew count from zero.
  if (packets <= 0) return undefined;
  // Receivers correct what they had counted as lost when it comes late.
  const lost = Math.max(now.lost - then.lost, 0);
  return {
    bitrate: (Math.max(now.bytes - then.bytes, 0) * 8000) / before.intervalMs,
    loss: packets + lost < fewPackets ? undefined : lost / (packets + lost),
    jitterMs: highest(samples, ({ jitterMs }) => jitterMs),
    rttMs: highest(samples, ({ rttMs }) => rttMs),
  };
}

function sum(samples: readonly TrackSample[]): { packets: number; bytes: number; lost: number } {
  const total = { packets: 0, bytes: 0, lost: 0 };
  for (const { packets, bytes, lost } of samples) {
    total.packets += packets;
    total.bytes += bytes;
    total.lost += lost;
  }
  return total;
}

function highest(
  samples: readonly TrackSample[],
  read: (sample: TrackSample) => number | undefined,
): number | undefined {
  const values = samples.map(read).filter((value) => value !== undefined);
  return values.length > 0 ? Math.max(...values) : undefined;
}
