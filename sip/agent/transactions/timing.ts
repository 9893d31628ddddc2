/** The base of all timers, in milliseconds (RFC 3261 section 17.1.1.1 and table 4). */
export interface Timing {
  /** An estimate of a round trip. */
  readonly t1: number;
  /** The longest pause between two retransmissions of anything but an INVITE request. */
  readonly t2: number;
  /** How long a message may stay in the network. */
  readonly t4: number;
}

export const defaultTiming: Timing = { t1: 500, t2: 4_000, t4: 5_000 };

/** Timers B, F, H, J, L, M: how long one side goes on without an answer of the other. */
export function patience({ t1 }: Pick<Timing, 't1'>): number {
  return 64 * t1;
}

/**
 * When timer E of a client would reach T2: who has no answer to its request by then is sent 100, so that it asks seldom (RFC 4320 section
 * 4.1). Before it, 100 would only be one more message.
 */
export function slowAnswerMs({ t1, t2 }: Timing): number {
  let ms = 0;
  for (let pauseMs = t1; pauseMs < t2; pauseMs *= 2) ms += pauseMs;
  return Math.min(ms, patience({ t1 }));
}

/** Timer D: longer than H of the other side, whose T1 is its own. */
export const timerDMs = 32_000;
