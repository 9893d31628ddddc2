// Tokens that were accepted, so that what somebody heard on the network cannot be said once more.

import type { Clock } from '../../core/clock.ts';

/** Of each of the two generations. With more calls than that in the time that a token is good, the oldest are forgotten. */
const maxSeen = 100_000;

export class SeenTokens {
  readonly #keepMs: number;
  readonly #clock: Pick<Clock, 'nowMs'>;
  #current = new Set<string>();
  #before = new Set<string>();
  #sinceMs: number;

  /** `keepMs`: as long as a token is good. */
  constructor({ keepMs, clock }: { readonly keepMs: number; readonly clock: Pick<Clock, 'nowMs'> }) {
    this.#keepMs = keepMs;
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** Answers whether it is there for the first time. */
  add(signature: string): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#sinceMs >= this.#keepMs || this.#current.size >= maxSeen) {
      this.#before = this.#current;
      this.#current = new Set();
      this.#sinceMs = nowMs;
    }
    if (this.#current.has(signature) || this.#before.has(signature)) return false;
    this.#current.add(signature);
    return true;
  }
}
