const lookMs = 1_000;
/** A picture that stands for so long is not a network that hesitates. */
const standsMs = 3_000;

interface StallWatchOptions {
  /** Frames decoded since the start; undefined: the platform does not say. */
  readonly framesDecoded: () => Promise<number | undefined>;
  /** Whether frames should come now. */
  readonly isExpected: () => boolean;
  /** Nothing was decoded for three seconds, and again after each three more. */
  readonly onStalled: () => void;
}

/** Sees that a picture stands still that should move. */
export class StallWatch {
  readonly #options: StallWatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #frames: number | undefined;
  #movedAtMs = performance.now();
  #looking = false;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), lookMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const frames = this.#options.isExpected() ? await this.#options.framesDecoded().catch(() => undefined) : undefined;
    this.#looking = false;
    const nowMs = performance.now();
    const stands = frames !== undefined && frames === this.#frames;
    this.#frames = frames;
    if (!stands) this.#movedAtMs = nowMs;
    if (nowMs - this.#movedAtMs < standsMs) return;
    this.#movedAtMs = nowMs;
    this.#options.onStalled();
  }
}
