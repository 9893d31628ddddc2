import type { CallerKind } from '../dial-plan/decision.ts';

/** Whether two calls are of the same user or trunk; guests are nobody that could be told again. */
export function sameParty(one: CallerKind, other: CallerKind): boolean {
  if (one.kind === 'user') return other.kind === 'user' && one.identity === other.identity;
  return one.kind === 'trunk' && other.kind === 'trunk' && one.trunk === other.trunk;
}
