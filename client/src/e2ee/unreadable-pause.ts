import { fullJitterMs } from '../backoff.ts';

/** A picture that cannot be decrypted is asked for as whole pictures again and again, which all others pay for. */
const graceMs = 3_000;
const firstRestMs = 10_000;
const longestRestMs = 60_000;

interface UnreadablePauseOptions {
  readonly isUnreadable: () => boolean;
  /** Best effort: what cannot be told now is told by the next try. */
  readonly setPaused: (paused: boolean) => void;
}

/** Stops what cannot be decrypted, and tries again after waits that grow, and with each key. */
export class UnreadablePause {
  readonly #options: UnreadablePauseOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;
  #rests = 0;

  constructor(options: UnreadablePauseOptions) {
    this.#options = options;
  }

  /** It may be another way now, or there is another key. */
  changed(): void {
    if (this.#isPaused) {
      // Also where it can be decrypted: a frame that was on its way when it was stopped says so, and none comes after it.
      this.#rests = 0;
      this.#resume();
    } else if (!this.#options.isUnreadable()) {
      this.#rests = 0;
      this.close();
    } else this.#timer ??= setTimeout(() => this.#graceIsOver(), graceMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #graceIsOver(): void {
    this.#timer = undefined;
    if (!this.#options.isUnreadable()) return;
    this.#isPaused = true;
    this.#options.setPaused(true);
    this.#rests += 1;
    const restMs = firstRestMs + fullJitterMs(this.#rests, firstRestMs, longestRestMs - firstRestMs);
    this.#timer = setTimeout(() => this.#resume(), restMs);
  }

  #resume(): void {
    this.close();
    this.#isPaused = false;
    this.#options.setPaused(false);
    this.#timer = setTimeout(() => this.#graceIsOver(), graceMs);
  }
}
