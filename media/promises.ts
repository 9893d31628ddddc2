import type { Clock } from '../core/clock.ts';
import { promiseMs } from './choose-place.ts';

/** What is promised within such a time is kept as one. */
const bucketMs = 500;

interface Bucket {
  readonly startMs: number;
  readonly costs: Map<number, number>;
}

/** Cores that are promised to the workers of places, until they show in what is measured there. */
export class Promises {
  readonly #clock: Clock;
  /** The oldest first; no more than promiseMs / bucketMs + 1. */
  #buckets: readonly Bucket[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(place: number, cost: number): void {
    const nowMs = this.#clock.monotonicMs();
    let bucket = this.#buckets.at(-1);
    if (!bucket || nowMs - bucket.startMs >= bucketMs) {
      bucket = { startMs: nowMs, costs: new Map() };
      this.#buckets = [...this.#current(), bucket];
    }
    bucket.costs.set(place, (bucket.costs.get(place) ?? 0) + cost);
  }

  /** By place. */
  sums(): ReadonlyMap<number, number> {
    this.#buckets = this.#current();
    const sums = new Map<number, number>();
    for (const { costs } of this.#buckets) {
      for (const [place, cost] of costs) sums.set(place, (sums.get(place) ?? 0) + cost);
    }
    return sums;
  }

  #current(): readonly Bucket[] {
    const sinceMs = this.#clock.monotonicMs() - promiseMs - bucketMs;
    return this.#buckets.filter(({ startMs }) => startMs > sinceMs);
  }
}
