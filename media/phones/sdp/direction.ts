import type { LegDirection } from './leg-media.ts';

const sends = (direction: LegDirection) => direction === 'sendrecv' || direction === 'sendonly';
const takes = (direction: LegDirection) => direction === 'sendrecv' || direction === 'recvonly';

/** What flows, from our side: what one side sends and the other one takes (RFC 3264 section 6.1). */
export function meet(ours: LegDirection, theirs: LegDirection, reachable: boolean): LegDirection {
  const out = sends(ours) && takes(theirs) && reachable;
  const back = takes(ours) && sends(theirs);
  if (out) return back ? 'sendrecv' : 'sendonly';
  return back ? 'recvonly' : 'inactive';
}

/** Whoever says this does not want to hear the other side (RFC 3264 section 8.4); the zero address is how RFC 2543 said it. */
export function isHeldBy(theirs: LegDirection, reachable: boolean): boolean {
  return !reachable || !takes(theirs);
}
