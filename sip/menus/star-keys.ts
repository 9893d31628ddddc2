import type { Clock, Timer } from '../../core/clock.ts';
import type { Press } from '../../signaling/phones/passed-keys.ts';

export interface StarKeysHandlers {
  /** Whether the key behind a star is one of the menu. */
  readonly isKey: (digit: string) => boolean;
  readonly key: (digit: string) => void;
  /** Everything else, in its order. */
  readonly other: (press: Press) => void;
}

/** From the star to its key; a star that stands alone longer is an ordinary digit. */
const keyWithinMs = 3_000;

/** Tells the two keys of a menu, as `*6`, from ordinary digits. */
export class StarKeys {
  readonly #clock: Clock;
  readonly #handlers: StarKeysHandlers;
  #star: Press | undefined;
  #wait: Timer | undefined;

  constructor(clock: Clock, handlers: StarKeysHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  take(press: Press): void {
    const { isKey, key, other } = this.#handlers;
    if (this.#star !== undefined && isKey(press.digit)) {
      this.close();
      key(press.digit);
      return;
    }
    this.passStar();
    if (press.digit === '*') {
      this.#star = press;
      this.#wait = this.#clock.after(keyWithinMs, () => this.passStar());
    } else other(press);
  }

  /** A star that waits is forgotten. */
  close(): void {
    this.#wait?.cancel();
    this.#star = undefined;
  }

  /** A star that waits is an ordinary digit. */
  passStar(): void {
    const star = this.#star;
    this.close();
    if (star !== undefined) this.#handlers.other(star);
  }
}
