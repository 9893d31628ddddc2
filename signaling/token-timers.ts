// A token's last minutes: one warning before it expires, then the expiry.

import type { Clock, Timer } from '../core/clock.ts';

interface Options {
  readonly clock: Clock;
  /** How long before the expiry the warning comes. */
  readonly warningMs: number;
  /** Called at once when less than `warningMs` is left. */
  readonly onExpiring: (expiresAtMs: number) => void;
  readonly onExpired: () => void;
}

export class TokenTimers {
  readonly #options: Options;
  #warning: Timer | undefined;
  #expiry: Timer | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Forgets the token before and waits for the expiry of this one. */
  restart(expiresAtMs: number): void {
    this.stop();
    const { clock, warningMs, onExpiring, onExpired } = this.#options;
    const leftMs = expiresAtMs - clock.nowMs();
    this.#expiry = clock.after(leftMs, onExpired);
    if (leftMs > warningMs) this.#warning = clock.after(leftMs - warningMs, () => onExpiring(expiresAtMs));
    else onExpiring(expiresAtMs);
  }

  stop(): void {
    this.#warning?.cancel();
    this.#expiry?.cancel();
  }
}
