import type { CallLeg, CallSummary } from '@parley/client';

/** Whom a call was with: everybody but oneself, and all where one called oneself. */
export function otherSideOf({ legs }: Pick<CallSummary, 'legs'>, ownIdentity: string): readonly CallLeg[] {
  const others = legs.filter(({ kind, identity }) => kind !== 'user' || identity !== ownIdentity);
  return others.length > 0 ? others : legs.slice(0, 1);
}

/** What to dial to reach them again; undefined: they withheld it. */
export function callBackOf({
  kind,
  identity,
  number,
}: Pick<CallLeg, 'kind' | 'identity' | 'number'>): string | undefined {
  return (kind === 'user' ? identity : number) || undefined;
}
