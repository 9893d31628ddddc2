// The last minutes of tokens: one warning before each expires, then the expiry.

import type { Clock } from '../core/clock.ts';
import { Deadlines, type Due } from '../core/deadlines.ts';

/** Whoever is there on a token. */
export interface TokenHolder extends Due {
  readonly expiresAtMs: number;
  tokenExpiring(): void;
  tokenExpired(): void;
}

export class TokenTimers {
  readonly #clock: Clock;
  readonly #warningMs: number;
  readonly #warnings: Deadlines<TokenHolder>;
  readonly #expiries: Deadlines<TokenHolder>;

  /** `warningMs`: how long before the expiry the warning comes; at once when less is left from the start. */
  constructor(clock: Clock, warningMs: number) {
    this.#clock = clock;
    this.#warningMs = warningMs;
    this.#warnings = new Deadlines(clock, (holder) => this.#warn(holder));
    this.#expiries = new Deadlines(clock, (holder) => holder.tokenExpired());
  }

  /** Forgets the token before and waits for the expiry of the one that the holder has now. */
  restart(holder: TokenHolder): void {
    this.stop(holder);
    const leftMs = holder.expiresAtMs - this.#clock.nowMs();
    if (leftMs > this.#warningMs) this.#warnings.set(holder, leftMs - this.#warningMs);
    else this.#warn(holder);
  }

  stop(holder: TokenHolder): void {
    if (!this.#warnings.clear(holder)) this.#expiries.clear(holder);
  }

  #warn(holder: TokenHolder): void {
    this.#expiries.set(holder, holder.expiresAtMs - this.#clock.nowMs());
    holder.tokenExpiring();
  }
}
