// What waits for the store, and how long it will take: more than a second of it is too much, whatever its number.

import type { Clock } from '../../core/clock.ts';

/** Appends that are not answered yet; beyond either, STORE_BUSY. */
export const maxWaitingAppends = 20_000;
const maxWaitingBytes = 16 * 1024 * 1024;
/** What comes later than that had better be sent again: its sender waits for it, and so does everyone behind. */
const maxWaitMs = 1_000;
/** Of one call to the store: a commit costs about the same for one append and for thousands. */
export const maxAppendsOfCall = 2_048;
/** A second call keeps the store busy while the first one's answer is told. */
export const maxCallsInFlight = 2;
/** So many are taken however slow the store was: they fill the calls under way, and it may be faster now. */
export const alwaysTaken = maxCallsInFlight * maxAppendsOfCall;
/** A room that has less than this part of what waits does not fill it, and may go on when others have to wait. */
const smallPart = 1 / 64;
/** What is kept for those, of each bound. */
const keptForSmall = 0.25;
/** Calls with fewer appends are fast, and say nothing of how long a full one takes. */
const tellingCall = 256;
/** What one call counts in the pace. */
const weight = 0.3;

export class Backlog {
  readonly #clock: Clock;
  #appends = 0;
  #bytes = 0;
  /** By the call and not by the append: what a slow disk costs, it costs each call. */
  #msPerCall = 0;
  /** When the last answer came: the store worked on the next call from then on at the earliest. */
  #answeredAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get appends(): number {
    return this.#appends;
  }

  /** Whether one more of this size is to be refused to a room of which so many wait. */
  isFull(bytes: number, ofRoom: number): boolean {
    const share = ofRoom < this.#appends * smallPart ? 1 + keptForSmall : 1;
    if (this.#appends >= maxWaitingAppends * share || this.#bytes + bytes > maxWaitingBytes * share) return true;
    if (this.#appends < alwaysTaken * share) return false;
    return Math.ceil(this.#appends / maxAppendsOfCall) * this.#msPerCall > maxWaitMs * share;
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
    this.#msPerCall += weight * (tookMs - this.#msPerCall);
  }
}
