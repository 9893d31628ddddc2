// Keys of one phone that are pressed at another, as the menu behind a number wants them.

export interface Press {
  /** 0-9, *, #, A-D. */
  readonly digit: string;
  readonly durationMs: number;
}

/** Machines that listen take each key between these for one press. */
const [shortestMs, longestMs] = [100, 2_000];
/** Behind each key, by RFC 4733 with its three ends. */
const gapMs = 160;
/** So much may wait to be pressed: a long number that was dialled at once. What takes longer would be pressed when nobody waits for it any more. */
const mostMs = 15_000;

/** How the keys of one phone are passed on: each takes its time to be pressed again, so that no flood of them silences the other side. */
export class PassedKeys {
  #pressedByMs = 0;

  /** As it is to be pressed; undefined: too many wait. */
  take({ digit, durationMs }: Press, nowMs: number): Press | undefined {
    const fromMs = Math.max(this.#pressedByMs, nowMs);
    if (fromMs - nowMs > mostMs) return undefined;
    const pressMs = Math.min(Math.max(Math.round(durationMs), shortestMs), longestMs);
    this.#pressedByMs = fromMs + pressMs + gapMs;
    return { digit, durationMs: pressMs };
  }
}
