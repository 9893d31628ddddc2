/** A rate limit: `burst` at once, then `perSecond` sustained. Two numbers of memory, no timer. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: { perSecond: number; burst: number }, nowMs: number) {
    this.#perMs = rate.perSecond / 1000;
    this.#burst = Math.max(rate.burst, 1);
    this.#tokens = this.#burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes one token and answers 0, or takes none and answers in how many milliseconds there will be one. */
  take(nowMs: number): number {
    const elapsedMs = Math.max(nowMs - this.#filledAtMs, 0);
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsedMs * this.#perMs);
    this.#filledAtMs = nowMs;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  /** Full again: forgetting it changes nothing. */
  isFull(nowMs: number): boolean {
    return this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs >= this.#burst;
  }
}
