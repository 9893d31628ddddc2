// What only shows when all of a plan is read: names that nobody has, things that stand twice, what is never reached.

import { parseRoomId } from '../../../core/ids.ts';
import { findNearest } from '../../../core/nearest.ts';
import { Networks } from '../../agent/transports/endpoint.ts';
import { normalise } from '../numbers.ts';
import type { PlanData, PlanRule, RuleTarget, TrunkData, UserSecret } from '../plan-data.ts';
import { unknownPlaceholder } from '../template.ts';

interface Found {
  readonly path: string;
  readonly problem: string;
}

export function checkPlan(plan: PlanData): readonly Found[] {
  return [
    ...checkNames(plan),
    ...checkSecrets(plan),
    ...checkAddresses(plan.trunks),
    ...plan.rules.flatMap((rule, at) => checkRule(plan, rule, `rules[${at}]`)),
    ...checkOrder(plan.rules),
  ];
}

function checkNames({ users, trunks, rules, numbers }: PlanData): readonly Found[] {
  const inboundLogins = trunks.flatMap(({ inbound }, at): [string, string][] =>
    inbound?.login ? [[`trunks[${at}].inbound.login`, inbound.login]] : [],
  );
  return [
    ...findTwice(
      'is the identity of two users',
      users.map(({ identity }, at) => [`users[${at}].identity`, identity]),
    ),
    ...findTwice('is the login of two', [
      ...users.map(({ login }, at): [string, string] => [`users[${at}].login`, login]),
      ...inboundLogins,
    ]),
    ...findTwice(
      'is the number of two users',
      users.flatMap((user, at) =>
        user.numbers.map((number): [string, string] => [`users[${at}].numbers`, normalise(number, numbers)]),
      ),
    ),
    ...findTwice(
      'is the name of two trunks',
      trunks.map(({ name }, at) => [`trunks[${at}].name`, name]),
    ),
    ...findTwice(
      'is the name of two rules',
      rules.map(({ name }, at) => [`rules[${at}].name`, name]),
    ),
  ];
}

function findTwice(problem: string, all: readonly (readonly [path: string, name: string])[]): readonly Found[] {
  const seen = new Set<string>();
  return all.flatMap(([path, name]) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path, problem: `${name} ${problem}` }];
  });
}

/** Whoever is asked in an algorithm without a hash would be refused as if the password was wrong. */
function checkSecrets({ users, trunks, algorithms }: PlanData): readonly Found[] {
  const check = (path: string, secret: UserSecret | undefined): readonly Found[] => {
    if (secret === undefined || 'password' in secret) return [];
    const missing = algorithms.filter((algorithm) => secret.hashes[algorithm] === undefined);
    if (missing.length === 0) return [];
    const mend = 'name only algorithms that all hashes are there for';
    return [{ path, problem: `has no hash for ${missing.join(' and ')}, which algorithms asks for: ${mend}` }];
  };
  return [
    ...users.flatMap(({ secret }, at) => check(`users[${at}]`, secret)),
    ...trunks.flatMap(({ inbound }, at) => check(`trunks[${at}].inbound`, inbound?.secret)),
  ];
}

/** Of two trunks with one address, only a login tells which of them calls. */
function checkAddresses(trunks: readonly TrunkData[]): readonly Found[] {
  const found: Found[] = [];
  const byAddress = trunks.flatMap(({ name, inbound }, at) =>
    inbound === undefined || inbound.login !== ''
      ? []
      : inbound.addresses.map((block) => ({
          name,
          at,
          block,
          address: block.split('/')[0] ?? '',
          all: new Networks([block]),
        })),
  );
  // Few trunks have many: the most that a plan may have are compared in a moment.
  for (const [index, one] of byAddress.entries()) {
    const other = byAddress
      .slice(0, index)
      .find(({ at, all, address }) => at !== one.at && (all.has(one.address) || one.all.has(address)));
    if (other === undefined) continue;
    const problem = `has ${one.block}, which is of trunk ${other.name} too: one of them needs a login`;
    found.push({ path: `trunks[${one.at}].inbound.addresses`, problem });
  }
  return found;
}

function checkRule(plan: PlanData, { when, to, attributes }: PlanRule, path: string): readonly Found[] {
  const trunks = plan.trunks.map(({ name }) => name);
  const identities = plan.users.map(({ identity }) => identity);
  const found = [
    ...unknownNames(`${path}.when.trunk`, when.trunk, trunks, 'trunk'),
    ...unknownNames(`${path}.when.user`, when.user, identities, 'user'),
  ];
  if (to.kind === 'number') {
    found.push(...unknownNames(`${path}.trunks`, to.trunks, trunks, 'trunk'));
    const inOnly = to.trunks.find((name) => plan.trunks.some((trunk) => trunk.name === name && !trunk.outbound));
    if (inOnly !== undefined) found.push({ path: `${path}.trunks`, problem: `has ${inOnly}, which has no outbound` });
    if (when.from.includes('guest')) found.push({ path, problem: 'lets guests dial out: anybody could, at your cost' });
  }
  for (const text of [...textsOf(to), ...attributes.values()]) {
    const unknown = unknownPlaceholder(text);
    if (unknown !== undefined) found.push({ path, problem: `has ${unknown}, which stands for nothing` });
  }
  for (const room of roomsOf(to)) {
    if (!room.includes('{') && parseRoomId(room) === undefined)
      found.push({ path, problem: `has ${room}, which is no name of a room` });
  }
  return found;
}

function textsOf(to: RuleTarget): readonly string[] {
  if (to.kind === 'user') return [to.identity];
  return to.kind === 'number' ? [to.number] : roomsOf(to);
}

function roomsOf(to: RuleTarget): readonly string[] {
  if (to.kind === 'room') return [to.room];
  return to.kind === 'pin' ? to.rooms.map(({ room }) => room) : [];
}

function unknownNames(path: string, names: readonly string[], known: readonly string[], what: string): Found[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = findNearest(name, known);
      const meant = nearest === undefined ? '' : `: did you mean ${nearest}?`;
      return { path, problem: `has ${name}, which is no ${what} of this plan${meant}` };
    });
}

function checkOrder(rules: readonly PlanRule[]): readonly Found[] {
  const taker = rules.findIndex(({ when, to }) => to.kind !== 'number' && takesAll(when));
  if (taker < 0 || taker === rules.length - 1) return [];
  const problem = `is never asked: ${rules[taker]?.name} before it takes every call`;
  return [{ path: `rules[${taker + 1}]`, problem }];
}

function takesAll(when: PlanRule['when']): boolean {
  const { headers, ...lists } = when;
  return headers.size === 0 && Object.values(lists).every((list) => list.length === 0);
}
