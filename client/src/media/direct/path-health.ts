import type { TrackCounters } from '../track-counters.ts';

/** What came over a path since its start. */
export interface PathCounts {
  readonly packets: number;
  readonly lost: number;
  readonly rttMs: number;
}

export type PathHealth = 'good' | 'bad' | 'silent';

/** One lost burst is not a bad path: it is looked at over so long. */
const windowMs = 6_000;
/** Of fewer packets a share says nothing. */
const enoughPackets = 60;
/** Of a sound more is heard; what the server would add is less. */
const badLoss = 0.05;
const badRttMs = 1_000;
/** While something is sent: a sound has 50 packets a second. In more than one reading: this client may not have looked. */
const silentMs = 2_000;
const silentReadings = 4;

/** Of all tracks that come over one. */
export function countsOf(tracks: Iterable<TrackCounters>): PathCounts {
  const all = { packets: 0, lost: 0, rttMs: 0 };
  for (const { packets, lost, rttMs } of tracks) {
    all.packets += packets;
    all.lost += lost;
    all.rttMs = Math.max(all.rttMs, rttMs);
  }
  return all;
}

/** Judges a path from one reading of its counters to the next. */
export class HealthMeter {
  readonly #readings: (PathCounts & { readonly atMs: number })[] = [];
  #newestAtMs: number | undefined;
  #stillReadings = 0;

  /** `expected`: something is sent by the other side now. */
  add(counts: PathCounts, expected: boolean, atMs: number): PathHealth {
    const last = this.#readings.at(-1);
    this.#stillReadings += 1;
    if (!expected || !last || counts.packets !== last.packets) {
      this.#newestAtMs = atMs;
      this.#stillReadings = 0;
    }
    this.#readings.push({ ...counts, atMs });
    // The oldest is as old as the window, or a little older.
    while (this.#readings.length > 2 && atMs - (this.#readings[1]?.atMs ?? atMs) >= windowMs) this.#readings.shift();
    const isStill = this.#stillReadings >= silentReadings && atMs - (this.#newestAtMs ?? atMs) >= silentMs;
    if (isStill) return 'silent';
    const [first] = this.#readings;
    if (!first || atMs - first.atMs < windowMs) return 'good';
    // Streams that begin anew count from zero.
    const packets = Math.max(counts.packets - first.packets, 0);
    const lost = Math.max(counts.lost - first.lost, 0);
    if (packets + lost >= enoughPackets && lost / (packets + lost) > badLoss) return 'bad';
    return this.#readings.every(({ rttMs }) => rttMs > badRttMs) ? 'bad' : 'good';
  }
}
