import type { Clock, Timer } from '../../core/clock.ts';

/** A window that is dragged, or a client that has just asked for a track and is about to show it, costs no pause. */
const lowerMs = 1_000;

interface ShownHereParts {
  readonly clock: Clock;
  /** The highest layer that is shown on this node now; -1: none. */
  readonly shown: () => number;
  /** What is not taken is told again when the link is up. */
  readonly tell: (layer: number) => void;
}

/**
 * What of another node's track is shown here, as that node is told: more at once, less after a moment. There it is one viewer
 * more, so the layers of a track are decided by its own node alone.
 */
export class ShownHere {
  readonly #parts: ShownHereParts;
  /** Undefined: nothing was told, and all layers come. */
  #told: number | undefined;
  #timer: Timer | undefined;

  constructor(parts: ShownHereParts) {
    this.#parts = parts;
  }

  look(): void {
    const shown = this.#parts.shown();
    this.#timer?.cancel();
    this.#timer = undefined;
    if (shown === this.#told) return;
    // The first word is of use even where it asks for what comes anyway: one of an earlier pipe may still be on its way.
    if (shown > (this.#told ?? -1)) this.#tell(shown);
    else this.#timer = this.#parts.clock.after(lowerMs, () => this.#tell(shown));
  }

  /** The other node may not have heard it. */
  again(): void {
    if (this.#told !== undefined) this.#tell(this.#told);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #tell(layer: number): void {
    this.#told = layer;
    this.#parts.tell(layer);
  }
}
