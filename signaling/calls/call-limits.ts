// How much of calls there can be, and how long things may take.

export interface CallOptions {
  /** How long it rings where nobody says otherwise. */
  readonly ringMs: number;
  /** Calls that run on this node. */
  readonly maxCalls: number;
  /** Calls that one identity is in or rung for at once. */
  readonly maxPerIdentity: number;
}

export const defaultCallOptions: CallOptions = { ringMs: 45_000, maxCalls: 5_000, maxPerIdentity: 10 };

/** Calls by which one identity rings the same other one at once: together with others it could make nobody else reach that one. */
export const maxToOne = 3;
/** Legs of one call that are not over. */
export const maxLegs = 50;
/** Legs that are over and still told of, the newest. */
export const maxEndedLegs = 20;
/** Legs of one call, those that are over too: so many invitations to its room, and lines of its record. */
export const maxLegsEver = 500;
/** Whoever has answered is in the room by then. */
export const joinWithinMs = 30_000;
/** A page that is loaded anew is in the room again by then. */
export const rejoinWithinMs = 15_000;
/**
 * Ended calls that are known as such, for who pressed a key just then, and phones that were picked up at other nodes, which may ask
 * again; of more, the oldest are forgotten.
 */
export const maxRemembered = 1_000;
