import type { Clock, Timer } from '../../../core/clock.ts';

/** Sends again after a pause that doubles, up to a longest one (timers A, E, G). */
export class Retransmission {
  readonly #clock: Clock;
  readonly #send: () => void;
  #pauseMs: number;
  #longestMs: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, options: { readonly firstMs: number; readonly longestMs: number }, send: () => void) {
    this.#clock = clock;
    this.#send = send;
    this.#pauseMs = options.firstMs;
    this.#longestMs = options.longestMs;
    this.#arm();
  }

  /** From the next pause on: what timer E does after a provisional response. */
  slowDown(): void {
    this.#pauseMs = this.#longestMs;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.after(this.#pauseMs, () => {
      this.#pauseMs = Math.min(this.#pauseMs * 2, this.#longestMs);
      this.#arm();
      this.#send();
    });
  }
}
