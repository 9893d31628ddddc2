/** The end that this side brings about: the one that accepted must not hang up before its 2xx arrived (RFC 3261 section 15). */
export class Farewell {
  readonly #onBegin: () => void;
  #begun = false;
  #waiting: (() => void) | undefined;

  /** `onBegin`: from here on nothing keeps the call up. */
  constructor(onBegin: () => void) {
    this.#onBegin = onBegin;
  }

  /** A BYE of ours is under way, or waits for an ACK. */
  get begun(): boolean {
    return this.#begun;
  }

  begin(): void {
    this.#begun = true;
    this.#onBegin();
  }

  /** Says BYE once the 2xx is acknowledged, or will not be. */
  postpone(say: () => void): void {
    this.begin();
    this.#waiting = say;
  }

  /** Nothing is waited for any more. False when nothing was to be said. */
  say(): boolean {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
    return waiting !== undefined;
  }

  forget(): void {
    this.#waiting = undefined;
  }
}
