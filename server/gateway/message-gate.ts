// What one connection may send: how much in one message, how many of them, how many that make no sense.

import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { AddressState } from './addresses.ts';

/** Of one connection, over all its life; then it is closed with BAD_FRAME. */
const maxMalformedFrames = 8;
/** Messages over the rate that are answered with RATE_LIMITED; then the connection is closed with it. */
const toleratedRefusals = { perSecond: 10, burst: 200 };

export class MessageGate {
  readonly #rate: TokenBucket;
  readonly #address: AddressState;
  readonly #clock: Clock;
  /** Made with the first refusal: most connections never need it. */
  #refusals: TokenBucket | undefined;
  #malformed = 0;

  constructor(rate: { perSecond: number; burst: number }, address: AddressState, clock: Clock) {
    this.#clock = clock;
    this.#rate = new TokenBucket(rate, clock.monotonicMs());
    this.#address = address;
  }

  /** 0 when a message may be handled, else in how many milliseconds one may. */
  admit(): number {
    const nowMs = this.#clock.monotonicMs();
    return this.#rate.take(nowMs) || this.#address.messages.take(nowMs);
  }

  /** Counts a message that was not admitted. False when the client does not stop. */
  tolerateRefusal(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#refusals ??= new TokenBucket(toleratedRefusals, nowMs);
    return this.#refusals.take(nowMs) === 0;
  }

  /** Counts a frame that could not be read. False when there were too many. */
  tolerateMalformed(): boolean {
    this.#malformed++;
    return this.#malformed < maxMalformedFrames;
  }
}
