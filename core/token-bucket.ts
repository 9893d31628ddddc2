/** What rounding may lose on a clock that has run for long. */
const toleranceMs = 1e-3;

/**
 * A rate limit: `burst` at once, then `perSecond` sustained. Knows nothing of its own but the moment at which it will be
 * full (the generic cell rate algorithm): a connection has several, and most of them are idle. No timer.
 */
export class TokenBucket {
  readonly #rate: { readonly perSecond: number; readonly burst: number };
  #fullAtMs: number;

  constructor(rate: { readonly perSecond: number; readonly burst: number }, nowMs: number) {
    this.#rate = rate;
    this.#fullAtMs = nowMs;
  }

  /** Takes one token and answers 0, or takes none and answers in how many milliseconds there will be one. */
  take(nowMs: number): number {
    const waitMs = this.waitMs(nowMs);
    if (waitMs === 0) this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + 1000 / this.#rate.perSecond;
    return waitMs;
  }

  /** What {@link take} would answer. */
  waitMs(nowMs: number): number {
    const tokenMs = 1000 / this.#rate.perSecond;
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + tokenMs;
    // A burst of less than one is one: otherwise nothing would ever pass.
    const waitMs = fullAtMs - nowMs - tokenMs * Math.max(this.#rate.burst, 1) - toleranceMs;
    return waitMs > 0 ? Math.ceil(waitMs) : 0;
  }

  /** Full again: forgetting it changes nothing. */
  isFull(nowMs: number): boolean {
    return nowMs >= this.#fullAtMs;
  }
}
