/** So far may a frame come behind the newest: some seconds of a picture in three layers. */
export const windowFrames = 1_024;

/** Which counters of a sender came already (as RFC 4303 section 3.4.3, with a window of 1,024). */
export class ReplayWindow {
  readonly #seen = new Uint8Array(windowFrames);
  #newest = -1;

  /** Whether a frame of this counter has not come yet, as far as is known. */
  isNew(counter: number): boolean {
    if (counter > this.#newest) return true;
    return counter > this.#newest - windowFrames && this.#seen[counter % windowFrames] === 0;
  }

  /** Of an authentic frame: others must not move the window. */
  accept(counter: number): void {
    if (counter > this.#newest) {
      const passed = Math.min(counter - this.#newest, windowFrames);
      for (let step = 0; step < passed; step++) this.#seen[(counter - step) % windowFrames] = 0;
      this.#newest = counter;
    }
    this.#seen[counter % windowFrames] = 1;
  }
}
