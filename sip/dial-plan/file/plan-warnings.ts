// What a plan may have, and should not.

import type { PlanData, PlanRule } from '../plan-data.ts';

/** A shorter PIN is found in days by somebody who calls from ever other numbers, whatever is locked meanwhile. */
const fewestDigits = 6;

/** That a guess is right: of the 240 that are let through each day at the least, one is on one of a hundred days. */
const mostChance = 0.01 / 240;

/** Each with its rule. No PIN stands in them. */
export function warnOfPlan(plan: PlanData): readonly string[] {
  return plan.rules.flatMap((rule) => {
    const strangers = strangersOf(rule, plan);
    if (rule.to.kind !== 'pin' || strangers.length === 0) return [];
    const weakness = weaknessOf(rule.to.rooms);
    if (weakness === undefined) return [];
    const who = strangers.join(' and ');
    return [`rule ${rule.name} has ${weakness}, and ${who} may guess: a caller can write any number as its own`];
  });
}

function weaknessOf(rooms: readonly { readonly pin: string }[]): string | undefined {
  const short = rooms.filter(({ pin }) => pin.length < fewestDigits).length;
  if (short > 0) return `${short === 1 ? 'a PIN' : `${short} PINs`} of fewer than ${fewestDigits} digits`;
  const chance = rooms.reduce((sum, { pin }) => sum + 10 ** -pin.length, 0);
  return chance > mostChance ? `so many PINs that one of ${Math.round(1 / chance)} guesses is right` : undefined;
}

/** Those whom the rule may ask, and who need no password of a user. */
function strangersOf({ when }: PlanRule, { trunks, guests }: PlanData): readonly string[] {
  const takes = (kind: 'trunk' | 'guest') => when.from.length === 0 || when.from.includes(kind);
  if (when.user.length > 0) return [];
  const names = trunks
    .filter(({ name, inbound }) => inbound !== undefined && (when.trunk.length === 0 || when.trunk.includes(name)))
    .map(({ name }) => name);
  const byTrunk = takes('trunk') && names.length > 0 ? [`callers of trunk ${names.join(', ')}`] : [];
  return takes('guest') && guests && when.trunk.length === 0 ? [...byTrunk, 'guests'] : byTrunk;
}
