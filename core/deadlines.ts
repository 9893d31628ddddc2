// When many things are due some time: one timer for all of them. A timer of its own costs each some 300 bytes, for hours
// of which nothing happens.

import type { Clock, Timer } from './clock.ts';
import { Multimap } from './multimap.ts';

/** What is due in one tick is due at its end: never early, and that much late at most. */
export const tickMs = 1_000;

/** Something that may have to be called at some time. */
export interface Due {
  /** For the deadlines that it is among: it is in no more than one. */
  dueTick: number;
}

export class Deadlines<Item extends Due> {
  readonly #clock: Clock;
  readonly #onDue: (item: Item) => void;
  readonly #byTick = new Multimap<number, Item>();
  #timer: Timer | undefined;
  #nextTick = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (item: Item) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** It is due after so long, and not when it was to be before. */
  set(item: Item, delayMs: number): void {
    this.clear(item);
    const tick = Math.ceil((this.#clock.monotonicMs() + delayMs) / tickMs);
    item.dueTick = tick;
    this.#byTick.add(tick, item);
    if (tick < this.#nextTick) this.#waitFor(tick);
  }

  /** Answers whether it was waited for. */
  clear(item: Item): boolean {
    const wasThere = this.#byTick.delete(item.dueTick, item);
    if (this.#byTick.size === 0) this.#rest();
    return wasThere;
  }

  #waitFor(tick: number): void {
    this.#timer?.cancel();
    this.#nextTick = tick;
    this.#timer = this.#clock.after(tick * tickMs - this.#clock.monotonicMs(), () => this.#run());
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#nextTick = Number.POSITIVE_INFINITY;
  }

  #run(): void {
    const now = Math.floor(this.#clock.monotonicMs() / tickMs);
    const due = [...this.#byTick.keys()].filter((tick) => tick <= now).sort((one, other) => one - other);
    for (const tick of due) {
      for (const item of this.#byTick.get(tick)) {
        // One before it may have ended it, or set it to another time.
        if (this.#byTick.delete(tick, item)) this.#onDue(item);
      }
    }
    this.#rest();
    let next = Number.POSITIVE_INFINITY;
    for (const tick of this.#byTick.keys()) next = Math.min(next, tick);
    if (next < Number.POSITIVE_INFINITY) this.#waitFor(next);
  }
}
