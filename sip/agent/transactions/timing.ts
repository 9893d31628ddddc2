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
export function patience({ t1 }: Timing): number {
  return 64 * t1;
}

/** Timer D: longer than H of the other side, whose T1 is its own. */
export const timerDMs = 32_000;
