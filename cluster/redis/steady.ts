// Since when the beats of this node are answered without a break. Only who has beaten for a whole lease may say that others are
// dead: after Redis was away, or stood still, all leases have run out, and everybody else needs the time to beat again.

export class Steady {
  readonly #leaseMs: number;
  #sinceMs: number | undefined;
  #answeredMs = 0;
  #answeredAtRedisMs = 0;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** @param redisMs the time of Redis then: it may leap, while no time has gone by here. */
  answered(nowMs: number, redisMs: number): void {
    const goneMs = nowMs - this.#answeredMs;
    const leapMs = redisMs - this.#answeredAtRedisMs - goneMs;
    // This process may have stood still as well.
    const isBreak = goneMs > this.#leaseMs / 2 || Math.abs(leapMs) > this.#leaseMs / 2;
    if (this.#sinceMs === undefined || isBreak) this.#sinceMs = nowMs;
    this.#answeredMs = nowMs;
    this.#answeredAtRedisMs = redisMs;
  }

  broken(): void {
    this.#sinceMs = undefined;
  }

  /** Whether it is for a lease by now. */
  isFor(nowMs: number): boolean {
    return this.#sinceMs !== undefined && nowMs - this.#sinceMs >= this.#leaseMs;
  }
}
