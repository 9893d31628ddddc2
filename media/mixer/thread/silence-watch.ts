interface SilenceWatchParts {
  readonly timeoutMs: number;
  readonly onHeard: () => void;
  readonly onSilent: () => void;
}

export interface SilenceWatchState {
  readonly heardAtMs: number | undefined;
  readonly isHeardOf: boolean;
  readonly isSilent: boolean;
}

/** Tells once that nothing comes for too long, and once that it comes again. */
export class SilenceWatch {
  readonly #parts: SilenceWatchParts;
  /** When something came last, or was to come from then on. */
  #heardAtMs: number | undefined;
  #isHeardOf: boolean;
  #isSilent: boolean;

  constructor(parts: SilenceWatchParts, state?: SilenceWatchState) {
    this.#parts = parts;
    this.#heardAtMs = state?.heardAtMs;
    this.#isHeardOf = state?.isHeardOf ?? false;
    this.#isSilent = state?.isSilent ?? false;
  }

  /** Something is to come from now on; before, nothing was missed. */
  expect(atMs: number): void {
    this.#heardAtMs = atMs;
  }

  hear(atMs: number): void {
    this.#heardAtMs = atMs;
    if (this.#isHeardOf && !this.#isSilent) return;
    this.#isHeardOf = true;
    this.#isSilent = false;
    this.#parts.onHeard();
  }

  /** While something is to come. */
  look(atMs: number): void {
    if (this.#isSilent || this.#heardAtMs === undefined) return;
    if (atMs - this.#heardAtMs < this.#parts.timeoutMs) return;
    this.#isSilent = true;
    this.#parts.onSilent();
  }

  state(): SilenceWatchState {
    return { heardAtMs: this.#heardAtMs, isHeardOf: this.#isHeardOf, isSilent: this.#isSilent };
  }
}
