import { spellHeaderName } from '../agent/messages/header-names.ts';
import type { DialRequest } from './decision.ts';
import type { PlanRule } from './plan-data.ts';

/** A request with its numbers normalised. */
export type NormalisedRequest = Pick<DialRequest, 'from' | 'headers' | 'called'> & { readonly callerNumber: string };

/** `because` names the condition that does not hold, or those that do. */
export type RuleMatch =
  | { readonly matches: true; readonly rest: string; readonly because: string }
  | { readonly matches: false; readonly because: string };

/** All kinds of conditions that a rule has must hold; of one kind, one of its values. */
export function matchRule({ when, to }: PlanRule, request: NormalisedRequest): RuleMatch {
  const { from, headers, callerNumber } = request;
  const no = (because: string): RuleMatch => ({ matches: false, because });
  if (when.from.length > 0 && !when.from.includes(from.kind))
    return no(`it is for ${when.from.join(', ')}, not ${from.kind}`);
  if (when.trunk.length > 0 && !(from.kind === 'trunk' && when.trunk.includes(from.trunk)))
    return no(`it is for trunk ${when.trunk.join(', ')}`);
  if (when.user.length > 0 && !(from.kind === 'user' && when.user.includes(from.identity)))
    return no(`it is for user ${when.user.join(', ')}`);
  // Strangers would call the world at the cost of this server.
  if (to.kind === 'number' && from.kind !== 'user' && when.trunk.length === 0)
    return no('it dials out, and names no trunk whose callers may');
  if (when.callerPrefix.length > 0 && !when.callerPrefix.some((prefix) => callerNumber.startsWith(prefix)))
    return no(`${callerNumber || 'a hidden number'} does not begin with ${when.callerPrefix.join(' or ')}`);
  for (const [name, wanted] of when.headers) {
    const value = headers.get(spellHeaderName(name));
    if (value === undefined) return no(`there is no ${name}`);
    const fits = wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
    if (!fits) return no(`${name} is not ${wanted}`);
  }
  return matchCalled(when, request.called);
}

function matchCalled(when: PlanRule['when'], called: string): RuleMatch {
  const { called: exact, calledPrefix, calledPattern } = when;
  if (exact.length + calledPrefix.length + calledPattern.length === 0)
    return { matches: true, rest: called, because: 'it takes every number' };
  if (exact.includes(called)) return { matches: true, rest: '', because: `${called} is one of its numbers` };
  // The longest: what is left is the rest.
  const [prefix] = calledPrefix.filter((one) => called.startsWith(one)).sort((one, other) => other.length - one.length);
  if (prefix !== undefined)
    return { matches: true, rest: called.slice(prefix.length), because: `${called} begins with ${prefix}` };
  for (const pattern of calledPattern) {
    const rest = pattern.match(called);
    if (rest !== undefined) return { matches: true, rest, because: `${called} is like ${pattern.text}` };
  }
  return { matches: false, because: `${called} is not one of its numbers` };
}
