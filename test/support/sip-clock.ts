import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, systemClock, type Timer } from '../../core/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly callback: () => void;
  real: Timer;
}

/** So that what fires brings its messages about before what falls due after it. */
const stepMs = 500;

/**
 * The real time, which a test may move on: real peers meet the timers that the RFCs say, and nobody waits 32 s for a transaction to
 * be forgotten. It knows how many timers wait, so that a test can tell that none is left.
 */
export class SipClock implements Clock {
  #aheadMs = 0;
  readonly #waiting = new Set<Waiting>();

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const atMs = this.monotonicMs() + delayMs;
    const waiting: Waiting = { atMs, callback, real: systemClock.after(delayMs, () => this.#fire(waiting)) };
    this.#waiting.add(waiting);
    return { cancel: () => this.#drop(waiting) };
  }

  get pendingTimers(): number {
    return this.#waiting.size;
  }

  /** All that falls due within this time happens now, in order, with turns of the event loop in between. */
  async skip(byMs: number): Promise<void> {
    const untilMs = this.monotonicMs() + byMs;
    while (this.monotonicMs() < untilMs) {
      this.#aheadMs += Math.min(stepMs, untilMs - this.monotonicMs());
      const nowMs = this.monotonicMs();
      const due = [...this.#waiting].filter(({ atMs }) => atMs <= nowMs).sort((one, other) => one.atMs - other.atMs);
      // One that fires may cancel one behind it.
      for (const waiting of due) if (this.#waiting.has(waiting)) this.#fire(waiting);
      await turn();
    }
    const nowMs = this.monotonicMs();
    for (const waiting of this.#waiting) {
      waiting.real.cancel();
      waiting.real = systemClock.after(waiting.atMs - nowMs, () => this.#fire(waiting));
    }
  }

  #fire(waiting: Waiting): void {
    this.#drop(waiting);
    waiting.callback();
  }

  #drop(waiting: Waiting): void {
    waiting.real.cancel();
    this.#waiting.delete(waiting);
  }
}
