/**
 * Why a goal of bench/media.ts is not reached, by the name of the goal: printed below the table for as long as it is missed.
 * Sentences; what is in the way, and what it would take.
 */
export const reasons: Readonly<Record<string, string>> = {
  'fan-out':
    'Nothing of ours touches a packet, and the two bare routers, which are equal, tell how far equal servers stand apart in this run; bench:forwarding compares the same in five times as many rounds.',
};
