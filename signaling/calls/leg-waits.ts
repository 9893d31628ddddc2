import type { Timer } from '../../core/clock.ts';
import type { Leg } from './leg.ts';
import type { LegRinging } from './leg-ringing.ts';
import type { RingEnd } from './telephony.ts';

/** Legs of one call that are rung, or have to be in the room soon. */
export class LegWaits {
  readonly #waits = new Map<Leg, LegRinging | (Timer & { readonly browserCame?: undefined })>();

  add(leg: Leg, wait: LegRinging | Timer): void {
    this.#waits.set(leg, wait);
  }

  /** While it is rung, a browser of its user has come. */
  browserCame(leg: Leg, sessionId: string): void {
    this.#waits.get(leg)?.browserCame?.(sessionId);
  }

  /** Its phones stop to ring. */
  stop(leg: Leg, why: RingEnd = 'canceled'): void {
    this.#waits.get(leg)?.cancel();
    this.#waits.delete(leg);
    leg.ringing?.cancel(why);
    leg.ringing = undefined;
  }
}
