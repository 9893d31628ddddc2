import { randomBytes } from 'node:crypto';
import { parseRoomId } from '../../core/ids.ts';
import { spellHeaderName } from '../agent/messages/header-names.ts';
import type { Decision, Destination, DialPlan, DialRequest, PhoneCaller, PlanStep } from './decision.ts';
import { matchRule } from './match-rule.ts';
import { type NumberRules, normalise } from './numbers.ts';
import type { PlanData, PlanRule, PlanUser } from './plan-data.ts';
import { fill, type TemplateValues } from './template.ts';

/** A value of a header field that becomes an attribute. */
const longestAttribute = 256;

/** The plan of a file: its rules in their order, then the numbers and names of users, else 404. */
export class RulePlan implements DialPlan {
  readonly #plan: PlanData;
  readonly #byIdentity: ReadonlyMap<string, PlanUser>;
  readonly #byNumber: ReadonlyMap<string, PlanUser>;

  constructor(plan: PlanData) {
    this.#plan = plan;
    this.#byIdentity = new Map(plan.users.map((user) => [user.identity, user]));
    this.#byNumber = new Map(
      plan.users.flatMap((user) => user.numbers.map((number) => [normalise(number, plan.numbers), user] as const)),
    );
  }

  decide(request: DialRequest): Decision {
    const { from } = request;
    const trunk = from.kind === 'trunk' ? this.#plan.trunks.find(({ name }) => name === from.trunk) : undefined;
    const numbers: NumberRules = trunk?.numbers ?? this.#plan.numbers;
    const withoutPlus = trunk?.numbers.withoutPlus ?? false;
    const called = normalise(request.called, numbers, withoutPlus);
    const caller = this.#callerOf(request, normalise(request.caller, numbers, withoutPlus));
    const steps: PlanStep[] = [sayNumber(request.called, called, trunk?.name)];
    if (from.kind === 'guest' && !this.#plan.guests) {
      steps.push({ what: 'guests', outcome: 'refused', because: 'the plan lets no guests in' });
      return { to: reject(403, 'Forbidden'), rule: '', called, caller, steps };
    }
    for (const rule of this.#plan.rules) {
      const decided = this.#ask(rule, request, called, caller, steps);
      if (decided !== undefined) return decided;
    }
    return { to: this.#toUser(from.kind, called, steps), rule: '', called, caller, steps };
  }

  #ask(
    rule: PlanRule,
    request: DialRequest,
    called: string,
    caller: PhoneCaller,
    steps: PlanStep[],
  ): Decision | undefined {
    const what = `rule ${rule.name}`;
    const match = matchRule(rule, { ...request, called, callerNumber: caller.number });
    if (!match.matches) {
      steps.push({ what, outcome: 'passed', because: match.because });
      return undefined;
    }
    const { from, headers } = request;
    const values: TemplateValues = {
      called,
      caller: caller.number,
      rest: match.rest,
      user: from.kind === 'user' ? from.identity : '',
      trunk: from.kind === 'trunk' ? from.trunk : '',
      headers,
    };
    const to = this.#destination(rule, values);
    const refused = to.kind === 'reject' && rule.to.kind !== 'reject';
    const because = refused ? `it leads to what is no name of a room: ${to.status}` : `${match.because}: ${sayTo(to)}`;
    steps.push({ what, outcome: refused ? 'refused' : 'matched', because });
    const attributes = { ...caller.attributes, ...attributesOf(rule, values) };
    return { to, rule: rule.name, called, caller: { ...caller, attributes }, steps };
  }

  #destination({ to }: PlanRule, values: TemplateValues): Destination {
    switch (to.kind) {
      case 'room': {
        // It may have been made of what the other side sent.
        const room = fill(to.room, values);
        return parseRoomId(room) === undefined ? reject(404, '') : { ...to, room };
      }
      case 'user':
        return { ...to, identity: fill(to.identity, values) };
      case 'pin': {
        const rooms = to.rooms.map((one) => ({ ...one, room: fill(one.room, values) }));
        return rooms.some(({ room }) => parseRoomId(room) === undefined) ? reject(404, '') : { ...to, rooms };
      }
      case 'number':
        return { ...to, number: normalise(fill(to.number, values), this.#plan.numbers) };
      case 'reject':
        return to;
    }
  }

  #toUser(kind: DialRequest['from']['kind'], called: string, steps: PlanStep[]): Destination {
    const user = this.#byNumber.get(called) ?? (kind === 'user' ? this.#byIdentity.get(called) : undefined);
    const to: Destination = user
      ? { kind: 'user', identity: user.identity, ringSeconds: 45 }
      : reject(404, 'Not Found');
    steps.push({
      what: 'users',
      outcome: user ? 'matched' : 'refused',
      because: user ? `${called} is ${user.identity}: ${sayTo(to)}` : `${called || 'nothing'} is nobody’s number: 404`,
    });
    return to;
  }

  #callerOf({ from, callerName }: DialRequest, number: string): PhoneCaller {
    if (from.kind === 'user') {
      const user = this.#byIdentity.get(from.identity);
      const name = user?.name ?? from.identity;
      const [own = ''] = user?.numbers ?? [];
      const attributes = user?.attributes ?? {};
      return { identity: from.identity, name, number: normalise(own, this.#plan.numbers), attributes };
    }
    // Two callers without a number are two people.
    const identity = `phone:${number === '' ? randomBytes(9).toString('base64url') : number}`.slice(0, 128);
    const name = callerName || number || 'Unknown';
    return { identity, name: name.slice(0, 128), number, attributes: {} };
  }
}

function reject(status: number, reason: string): Destination {
  return { kind: 'reject', status, reason };
}

function sayNumber(said: string, called: string, trunk: string | undefined): PlanStep {
  const by = trunk === undefined ? 'the plan' : `trunk ${trunk}`;
  const because =
    said === called ? `${called || 'nothing'} was called` : `${said} is ${called} by the numbers of ${by}`;
  return { what: 'number', outcome: 'noted', because };
}

function sayTo(to: Destination): string {
  switch (to.kind) {
    case 'room':
      return `the room ${to.room}`;
    case 'user':
      return `rings ${to.identity} for ${to.ringSeconds} s`;
    case 'pin':
      return `asks for the PIN of one of ${to.rooms.length} rooms`;
    case 'number':
      return `dials ${to.number}${to.trunks.length === 0 ? '' : ` by ${to.trunks.join(', ')}`}`;
    case 'reject':
      return `refused with ${to.status}`;
  }
}

function attributesOf({ attributes, headers }: PlanRule, values: TemplateValues): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name of headers) {
    const value = values.headers.get(spellHeaderName(name));
    if (value !== undefined) all[`sip.${name.toLowerCase()}`] = value.slice(0, longestAttribute);
  }
  for (const [name, text] of attributes) all[name] = fill(text, values).slice(0, longestAttribute);
  return all;
}
