import type { CallerKind } from '../dial-plan/decision.ts';

/** What phones are called that a trunk brought or reached, and strangers: `phone:+4930123`, `tel:+4930123`. */
const notOfUsers = /^(?:phone|tel|sips?):/;

/**
 * In whose right somebody dials of whom only the name is known. A name that was made of a number is no user's: whoever called in
 * could name a number that costs, hand the call on, hang up, and be called back there.
 */
export function partyOf(identity: string): CallerKind {
  return notOfUsers.test(identity) ? { kind: 'guest' } : { kind: 'user', identity };
}
