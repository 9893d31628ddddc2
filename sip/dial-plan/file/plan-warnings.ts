// What a plan may have, and should not.

import type { PlanData, PlanRule } from '../plan-data.ts';

/** A shorter PIN is found in days by somebody who calls from ever other numbers, whatever is locked meanwhile. */
const fewestDigits = 6;

/** Each with its rule. No PIN stands in them. */
export function warnOfPlan(plan: PlanData): readonly string[] {
  return plan.rules.flatMap((rule) => {
    const strangers = strangersOf(rule, plan);
    if (rule.to.kind !== 'pin' || strangers.length === 0) return [];
    const short = rule.to.rooms.filter(({ pin }) => pin.length < fewestDigits).length;
    if (short === 0) return [];
    const which = short === 1 ? 'a PIN' : `${short} PINs`;
    return [
      `rule ${rule.name} has ${which} of fewer than ${fewestDigits} digits, and ${strangers.join(' and ')} may guess: a caller can write any number as its own`,
    ];
  });
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
