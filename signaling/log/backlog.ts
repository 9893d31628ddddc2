// What waits for the store, and how long it will take: more than a second of it is too much, whatever its number.

import type { Clock } from '../../core/clock.ts';

/** Appends that are not answered yet; beyond either, STORE_BUSY. */
export const maxWaitingAppends = 20_000;
export const maxWaitingBytes = 16 * 1024 * 1024;
/** What comes later than that had better be sent again: its sender waits for it, and so does everyone behind. */
export const maxWaitMs = 1_000;
/** So many are taken however slow the store was: they go to it in one call, and it may be faster now. */
export const alwaysTaken = 2_048;
/** Calls with fewer appends say how long a call takes, and not how many appends it could have had. */
const tellingCall = 256;
/** What one call counts in the pace. */
const weight = 0.3;

export class Backlog {
  readonly #clock: Clock;
  #appends = 0;
  #bytes = 0;
  #msPerAppend = 0;
  /** When the last answer came: the store worked on the next call from then on at the earliest. */
  #answeredAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get appends(): number {
    return this.#appends;
  }

  /** Whether one more of this size is to be refused. */
  isFull(bytes: number): boolean {
    if (this.#appends >= maxWaitingAppends || this.#bytes + bytes > maxWaitingBytes) return true;
    return this.#appends >= alwaysTaken && this.#appends * this.#msPerAppend > maxWaitMs;
  }

  add(bytes: number): void {
    this.#appends += 1;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#appends -= 1;
    this.#bytes -= bytes;
  }

  /** A call that was made then is answered now. */
  answered(appends: number, calledAtMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    const tookMs = nowMs - Math.max(calledAtMs, this.#answeredAtMs);
    this.#answeredAtMs = nowMs;
    if (appends < tellingCall) return;
    this.#msPerAppend += weight * (tookMs / appends - this.#msPerAppend);
  }
}
