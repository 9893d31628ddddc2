/** One key of a telephone's keypad that was pressed and let go. */
export interface Digit {
  /** 0-9, *, #, A-D. */
  readonly digit: string;
  readonly durationMs: number;
}

/** RFC 4733 section 3.2: each stands at the number of its event. */
export const keypad = '0123456789*#ABCD';

export const noDigits: readonly Digit[] = [];
