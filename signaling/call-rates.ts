import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import type { MethodName } from '../proto/gen/types.ts';

export interface CallRate {
  readonly perSecond: number;
  readonly burst: number;
}

class MethodBucket extends TokenBucket {
  readonly method: MethodName;
  next: MethodBucket | undefined;

  constructor(method: MethodName, rate: CallRate, nowMs: number, next: MethodBucket | undefined) {
    super(rate, nowMs);
    this.method = method;
    this.next = next;
  }
}

/**
 * How often one session calls which method: a bucket per method that has a rate and was called lately. In a chain, for there
 * are a few in a session that does something, and one or none in all others.
 */
export class CallRates {
  readonly #clock: Clock;
  #buckets: MethodBucket | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {AppError} RATE_LIMITED, with the time after which there is room for one call. */
  take(method: MethodName, rate: CallRate): void {
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#find(method) ?? this.#add(method, rate, nowMs);
    const retryAfterMs = bucket.take(nowMs);
    if (retryAfterMs > 0) throw new AppError('RATE_LIMITED', { what: `calls of ${method}` }, { retryAfterMs });
  }

  #find(method: MethodName): MethodBucket | undefined {
    let bucket = this.#buckets;
    while (bucket !== undefined && bucket.method !== method) bucket = bucket.next;
    return bucket;
  }

  /** Those that are full again make room: forgetting them changes nothing. */
  #add(method: MethodName, rate: CallRate, nowMs: number): MethodBucket {
    let kept: MethodBucket | undefined;
    for (let bucket = this.#buckets; bucket !== undefined; ) {
      const { next } = bucket;
      if (!bucket.isFull(nowMs)) {
        bucket.next = kept;
        kept = bucket;
      }
      bucket = next;
    }
    this.#buckets = new MethodBucket(method, rate, nowMs, kept);
    return this.#buckets;
  }
}
