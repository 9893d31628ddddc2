import type { Clock } from '../core/clock.ts';
import { choosePlace, costOf, type ExpectedFlows, type PlacementLimits, promiseMs } from './choose-place.ts';
import type { MediaEngine } from './engine.ts';

/** Promises of one such time are kept as one. */
const bucketMs = 500;

interface Bucket {
  readonly startMs: number;
  readonly costs: Map<number, number>;
}

/**
 * Says on which worker somebody is to stand, for all rooms of this node. What it has just said is promised there until it
 * shows in the worker's CPU time: otherwise everybody who comes between two readings would go to the same one.
 */
export class Placement {
  readonly #engine: Pick<MediaEngine, 'places'>;
  readonly #clock: Clock;
  readonly #limits: PlacementLimits;
  /** The oldest first; no more than promiseMs / bucketMs + 1. */
  #buckets: readonly Bucket[] = [];

  constructor({
    engine,
    clock,
    limits,
  }: { engine: Pick<MediaEngine, 'places'>; clock: Clock; limits: PlacementLimits }) {
    this.#engine = engine;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** A place that has a worker; undefined when none has. */
  choose({ roomPlaces, expected }: { roomPlaces: readonly number[]; expected: ExpectedFlows }): number | undefined {
    const cost = costOf(expected);
    const promised = this.promised();
    const place = choosePlace({
      places: this.#engine.places,
      promisedAt: (at) => promised.get(at) ?? 0,
      roomPlaces,
      cost,
      limits: this.#limits,
    });
    if (place !== undefined) this.#promise(place, cost);
    return place;
  }

  /** Whether there is a worker at the place. */
  has(place: number): boolean {
    return this.#engine.places.some((known) => known.place === place);
  }

  /** Cores, by place. */
  promised(): ReadonlyMap<number, number> {
    const sinceMs = this.#clock.monotonicMs() - promiseMs - bucketMs;
    this.#buckets = this.#buckets.filter(({ startMs }) => startMs > sinceMs);
    const sums = new Map<number, number>();
    for (const { costs } of this.#buckets) {
      for (const [place, cost] of costs) sums.set(place, (sums.get(place) ?? 0) + cost);
    }
    return sums;
  }

  #promise(place: number, cost: number): void {
    const nowMs = this.#clock.monotonicMs();
    let bucket = this.#buckets.at(-1);
    if (!bucket || nowMs - bucket.startMs >= bucketMs) {
      bucket = { startMs: nowMs, costs: new Map() };
      this.#buckets = [...this.#buckets, bucket];
    }
    bucket.costs.set(place, (bucket.costs.get(place) ?? 0) + cost);
  }
}
