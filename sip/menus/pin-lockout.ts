import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

/** So many wrong PINs at once: three calls and one attempt. */
const burst = 10;
/** Then one in six minutes: some 240 a day, of the 10,000 that a PIN of four digits may be. */
const perSecond = 1 / 360;
/** Of those who were wrong lately; of more, whoever was wrong longest ago is forgotten. Some 200 bytes each. */
const maxSources = 10_000;

/** Who guessed PINs too often, over all calls of this node. A right PIN does not clear anybody: guessers may have one of their own. */
export class PinLockout {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #guesses = new Map<string, TokenBucket>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** For now nothing that it enters is looked at. */
  isLocked(source: string): boolean {
    return (this.#guesses.get(source)?.waitMs(this.#clock.monotonicMs()) ?? 0) > 0;
  }

  wrong(source: string): void {
    const nowMs = this.#clock.monotonicMs();
    const guesses = this.#guesses.get(source) ?? new TokenBucket({ perSecond, burst }, nowMs);
    guesses.take(nowMs);
    // Behind all others.
    this.#guesses.delete(source);
    this.#guesses.set(source, guesses);
    this.#forget(nowMs);
  }

  get sources(): number {
    return this.#guesses.size;
  }

  /** The first is who was wrong longest ago. */
  #forget(nowMs: number): void {
    for (const [source, guesses] of this.#guesses) {
      if (this.#guesses.size <= maxSources && !guesses.isFull(nowMs)) break;
      this.#guesses.delete(source);
    }
  }
}
