import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import type { MethodName } from '../proto/gen/types.ts';

export interface CallRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** How often one session calls which method: a bucket per method that has a rate, made with its first call. */
export class CallRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<MethodName, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {AppError} RATE_LIMITED, with the time after which there is room for one call. */
  take(method: MethodName, rate: CallRate): void {
    const nowMs = this.#clock.monotonicMs();
    let bucket = this.#buckets.get(method);
    if (bucket === undefined) {
      bucket = new TokenBucket(rate, nowMs);
      this.#buckets.set(method, bucket);
    }
    const retryAfterMs = bucket.take(nowMs);
    if (retryAfterMs > 0) throw new AppError('RATE_LIMITED', { what: `calls of ${method}` }, { retryAfterMs });
  }
}
