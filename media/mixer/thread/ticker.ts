import { Lateness } from './lateness.ts';

export const tickMs = 20;
/** A timer may fire so much before its time; waiting for the rest would cost a whole millisecond. */
const earlyMs = 1;
/** What a thread that stood still for longer missed is not made up for: nobody wants to hear it any more. */
const maxBehindMs = 200;

interface TickerParts {
  readonly nowMs: () => number;
  /** `dueMs`: what is to be played then, however late it is. */
  readonly onTick: (dueMs: number) => void;
}

/**
 * A clock that does not drift: each tick is 20 ms after the last one was due, not after it came. Those that were missed are made
 * up for at once, so that in the long run as much is sent as is heard. What came over the network by then is read first: ticks
 * that are made up for find the packets that waited as long.
 */
export class Ticker {
  readonly lateness = new Lateness();
  readonly #parts: TickerParts;
  #dueMs: number;
  #timer: NodeJS.Timeout | undefined;
  #afterReading: NodeJS.Immediate | undefined;

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#dueMs = parts.nowMs() + tickMs;
    this.#arm();
  }

  /** When the next one is due. */
  get dueMs(): number {
    return this.#dueMs;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#afterReading);
  }

  #arm(): void {
    const waitMs = Math.max(0, Math.floor(this.#dueMs - this.#parts.nowMs()));
    // Timers come before sockets in a turn of the loop, and this behind both.
    this.#timer = setTimeout(() => {
      this.#afterReading = setImmediate(() => this.#fire());
    }, waitMs);
  }

  #fire(): void {
    const { nowMs, onTick } = this.#parts;
    for (let now = nowMs(); this.#dueMs - now <= earlyMs; now = nowMs()) {
      const lateMs = now - this.#dueMs;
      this.lateness.add(lateMs);
      const dueMs = lateMs > maxBehindMs ? now : this.#dueMs;
      this.#dueMs = dueMs + tickMs;
      onTick(dueMs);
      // A tick may have closed it.
      if (this.#timer === undefined) return;
    }
    this.#arm();
  }
}
