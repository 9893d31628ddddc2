import type { ConsumerView } from '../../../proto/gen/types.ts';

/** A window that is dragged changes the size of all it shows with each frame. */
const settleMs = 200;

/**
 * How a track is shown, as its application says and as the server knows. What changes often is told when it has settled;
 * that something is seen again is told at once. Lasts over the consumers of a track.
 */
export class ViewWish {
  readonly #onDue: () => void;
  #wanted: ConsumerView | undefined;
  #told: ConsumerView | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onDue`: there is something to tell now. */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** What a new consumer starts with. */
  get wanted(): ConsumerView | undefined {
    return this.#wanted;
  }

  /** What the server is to be told now; undefined: nothing. */
  get due(): ConsumerView | undefined {
    return this.#timer === undefined && !isSame(this.#wanted, this.#told) ? this.#wanted : undefined;
  }

  set(view: ConsumerView): void {
    if (isSame(view, this.#wanted)) return;
    this.#wanted = view;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isSame(view, this.#told)) return;
    if (this.#told?.hidden && !view.hidden) this.#onDue();
    else this.#timer = setTimeout(() => this.#settled(), settleMs);
  }

  /** The server was told of it, or starts with it. */
  told(view: ConsumerView | undefined): void {
    this.#told = view;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #settled(): void {
    this.#timer = undefined;
    this.#onDue();
  }
}

function isSame(one: ConsumerView | undefined, other: ConsumerView | undefined): boolean {
  return one?.width === other?.width && one?.height === other?.height && one?.hidden === other?.hidden;
}
