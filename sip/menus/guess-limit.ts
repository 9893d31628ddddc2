import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

/** Of more, whoever was wrong longest ago is forgotten. Some 200 bytes each. */
const mostNames = 10_000;

/** Wrong guesses by name: so many at once, then so many a second. Names are forgotten when they are as if they had never been wrong. */
export class GuessLimit {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#buckets.size;
  }

  isReached(name: string): boolean {
    return (this.#buckets.get(name)?.waitMs(this.#clock.monotonicMs()) ?? 0) > 0;
  }

  /** How many of them are at their limit. */
  get reached(): number {
    return [...this.#buckets.keys()].filter((name) => this.isReached(name)).length;
  }

  /** `rate` holds from the first one on. */
  wrong(name: string, rate: { readonly perSecond: number; readonly burst: number }): void {
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(name) ?? new TokenBucket(rate, nowMs);
    bucket.take(nowMs);
    // Behind all others.
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    for (const [oldest, known] of this.#buckets) {
      if (this.#buckets.size <= mostNames && !known.isFull(nowMs)) break;
      this.#buckets.delete(oldest);
    }
  }
}
