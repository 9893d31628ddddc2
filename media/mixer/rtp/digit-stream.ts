import type { Digit } from './digit.ts';

/** How a digit came: as events of RTP, by SIP INFO, or as tones in the sound. */
export type DigitSource = 'rfc4733' | 'info' | 'in-band';

interface Told {
  readonly digit: string;
  readonly untilMs: number;
  readonly sources: Set<DigitSource>;
}

/** So much sooner or later the same press may come by another way. */
const apartMs = 1_000;
/** More than anybody presses within that time; of more the oldest is forgotten. */
const maxTold = 32;

/** One stream of what was pressed, where a phone tells it in several ways at once. */
export class DigitStream {
  #told: Told[] = [];

  /**
   * A digit was let go. Undefined: it is a press that came by another way before. Each press by one way stands for one by
   * another, so that a digit that is pressed twice is told twice.
   */
  take(source: DigitSource, digit: Digit, nowMs: number): Digit | undefined {
    const fromMs = nowMs - digit.durationMs;
    this.#told = this.#told.filter(({ untilMs }) => untilMs + apartMs >= fromMs);
    const same = this.#told.find((told) => told.digit === digit.digit && !told.sources.has(source));
    if (same) {
      same.sources.add(source);
      return undefined;
    }
    if (this.#told.length >= maxTold) this.#told.shift();
    this.#told.push({ digit: digit.digit, untilMs: nowMs, sources: new Set([source]) });
    return digit;
  }
}
