import type { Clock, Timer } from '../../core/clock.ts';

/** A client that has just heard of a track needs a moment until it shows it. */
const startMs = 5_000;
/** A window that is dragged, or a speaker who is interrupted, is back in less. */
const downMs = 4_000;
/** What nobody shows costs a key frame and a moment of darkness to come back. */
const darkMs = 10_000;

interface WantedLayerOptions {
  readonly clock: Clock;
  /** Of the track: what is sent before anything is told. */
  readonly highest: number;
  readonly onTold: (layer: number, before: number) => void;
}

/**
 * What the sender of a track is told to send: more at once, less when less was wanted for a while. Changes that undo each
 * other in that time are not told. -1: nothing.
 */
export class WantedLayer {
  readonly #clock: Clock;
  readonly #onTold: (layer: number, before: number) => void;
  readonly #startedAtMs: number;
  #told: number;
  #wanted = -1;
  #held = false;
  #timer: Timer | undefined;

  constructor({ clock, highest, onTold }: WantedLayerOptions) {
    this.#clock = clock;
    this.#onTold = onTold;
    this.#told = highest;
    this.#startedAtMs = clock.monotonicMs();
    this.#lowerLater();
  }

  /** `held`: nothing is told of less for now. */
  is(wanted: number, { held }: { held: boolean }): void {
    if (wanted === this.#wanted && held === this.#held) return;
    this.#wanted = wanted;
    this.#held = held;
    this.#timer?.cancel();
    if (wanted > this.#told) this.#tell();
    else if (wanted < this.#told && !held) this.#lowerLater();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #lowerLater(): void {
    const startsInMs = this.#startedAtMs + startMs - this.#clock.monotonicMs();
    // Of several steps the last one is told; to dark it is one step more.
    const delayMs = this.#wanted < 0 ? darkMs : downMs;
    this.#timer = this.#clock.after(Math.max(delayMs, startsInMs), () => this.#tell());
  }

  #tell(): void {
    const before = this.#told;
    this.#told = this.#wanted;
    this.#onTold(this.#wanted, before);
  }
}
