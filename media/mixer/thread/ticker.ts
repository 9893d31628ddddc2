import { Lateness } from './lateness.ts';

export const tickMs = 20;
/** A timer may fire so much before its time; waiting for the rest would cost a whole millisecond. */
const earlyMs = 1;
/** What a thread that stood still for longer missed is not made up for: nobody wants to hear it any more. */
const maxBehindMs = 200;

interface TickerParts {
  readonly nowMs: () => number;
  readonly onTick: (nowMs: number) => void;
}

/**
 * A clock that does not drift: each tick is 20 ms after the last one was due, not after it came. Those that were missed are made
 * up for at once, so that in the long run as much is sent as is heard.
 */
export class Ticker {
  readonly lateness = new Lateness();
  readonly #parts: TickerParts;
  #dueMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#dueMs = parts.nowMs() + tickMs;
    this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const waitMs = Math.max(0, Math.floor(this.#dueMs - this.#parts.nowMs()));
    this.#timer = setTimeout(() => this.#fire(), waitMs);
  }

  #fire(): void {
    const { nowMs, onTick } = this.#parts;
    for (let now = nowMs(); this.#dueMs - now <= earlyMs; now = nowMs()) {
      const lateMs = now - this.#dueMs;
      this.lateness.add(lateMs);
      this.#dueMs = lateMs > maxBehindMs ? now + tickMs : this.#dueMs + tickMs;
      onTick(now);
      // A tick may have closed it.
      if (this.#timer === undefined) return;
    }
    this.#arm();
  }
}
