import type { Clock } from '../core/clock.ts';
import { choosePlace, costOf, type ExpectedFlows, type PlacementLimits } from './choose-place.ts';
import type { MediaEngine } from './engine.ts';
import { Promises } from './promises.ts';

/**
 * Says on which worker somebody is to stand, for all rooms of this node. What it has just said is promised there until it
 * shows in the worker's CPU time: otherwise everybody who comes between two readings would go to the same one.
 */
export class Placement {
  readonly #engine: Pick<MediaEngine, 'places'>;
  readonly #limits: PlacementLimits;
  readonly #promises: Promises;

  constructor({
    engine,
    clock,
    limits,
  }: { engine: Pick<MediaEngine, 'places'>; clock: Clock; limits: PlacementLimits }) {
    this.#engine = engine;
    this.#limits = limits;
    this.#promises = new Promises(clock);
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
    if (place !== undefined) this.#promises.add(place, cost);
    return place;
  }

  /** Whether there is a worker at the place. */
  has(place: number): boolean {
    return this.#engine.places.some((known) => known.place === place);
  }

  /** Cores, by place. */
  promised(): ReadonlyMap<number, number> {
    return this.#promises.sums();
  }
}
