import type { Clock, Timer } from './clock.ts';

/** A clock for tests: time stands still until it is advanced. */
export class FakeClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Moves time on and fires what falls due, in order of due time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = untilMs;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** How far the next timer is; undefined without one. For tests that wait for promises between any two of them. */
  get untilNextMs(): number | undefined {
    let next: number | undefined;
    for (const { atMs } of this.#timers) next = Math.min(next ?? atMs, atMs);
    return next === undefined ? undefined : Math.max(next - this.#nowMs, 0);
  }
}
