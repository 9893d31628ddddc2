import { type GrantName, grantNames } from '../../../signaling/token-verifier.ts';
import { type NumberRules, normalise } from '../numbers.ts';
import { parsePattern } from '../pattern.ts';
import type { PlanRule, RuleConditions, RuleEntrance, RuleTarget } from '../plan-data.ts';
import type { Fields } from './fields.ts';
import { isDialled, isHeaderName, isNumberPattern, isPrefix } from './read-parts.ts';

const most = { values: 200, headers: 16, attributes: 32, pins: 1_000 } as const;
const targets = ['room', 'user', 'pin', 'number', 'reject'] as const;
/** What a phone in a room does. */
const usual: readonly GrantName[] = ['join', 'publish:audio', 'subscribe'];

/** @param numbers how users dial: the numbers of the rule are written so. */
export function readRule(fields: Fields, numbers: NumberRules): PlanRule {
  return {
    name: fields.requireText('name', { check: (text) => /^\S(?:.{0,62}\S)?$/.test(text), expects: 'a short name' }),
    when: readConditions(fields.section('when'), numbers),
    to: readTarget(fields),
    attributes: fields.entries('attributes', most.attributes),
    headers: fields.texts('headers', most.headers, isHeaderName) ?? [],
  };
}

function readConditions(fields: Fields, numbers: NumberRules): RuleConditions {
  const conditions: RuleConditions = {
    // A name too, as in sip:support@….
    called: (fields.texts('called', most.values) ?? []).map((called) => normalise(called, numbers)),
    calledPrefix: fields.texts('calledPrefix', most.values, isPrefix) ?? [],
    calledPattern: (fields.texts('calledPattern', most.values, isNumberPattern) ?? []).map(parsePattern),
    callerPrefix: fields.texts('callerPrefix', most.values, isPrefix) ?? [],
    from: fields.someOf('from', ['user', 'trunk', 'guest'] as const, []),
    trunk: fields.texts('trunk', most.values) ?? [],
    user: fields.texts('user', most.values) ?? [],
    headers: fields.entries('headers', most.headers),
  };
  fields.end();
  return conditions;
}

/** One of `room`, `user`, `pin`, `number`, `reject`, with what belongs to it beside it. */
function readTarget(fields: Fields): RuleTarget {
  const written = targets.filter((name) => fields.has(name));
  if (written.length !== 1) {
    const said = written.length === 0 ? 'has none of them' : `has ${written.join(' and ')}`;
    fields.problem('', `needs one of ${targets.join(', ')}, and ${said}`);
  }
  switch (written[0]) {
    case 'room':
      return { kind: 'room', room: fields.requireText('room'), entrance: readEntrance(fields) };
    case 'user':
      return {
        kind: 'user',
        identity: fields.requireText('user'),
        ringSeconds: fields.integer('ringSeconds', { min: 5, max: 300, default: 45 }),
      };
    case 'pin':
      return readPins(fields.section('pin'));
    case 'number':
      return {
        kind: 'number',
        number: fields.requireText('number'),
        trunks: fields.texts('trunks', most.values) ?? [],
      };
    default:
      return {
        kind: 'reject',
        status: fields.integer('reject', { min: 400, max: 699, default: 404 }),
        reason: fields.text('reason') ?? '',
      };
  }
}

function readEntrance(fields: Fields): RuleEntrance {
  return { can: fields.someOf('can', grantNames, usual), muted: fields.yesOrNo('muted', false) };
}

function readPins(fields: Fields): RuleTarget {
  const rooms = fields.list('rooms', most.pins, (room) => ({
    pin: readPin(room),
    room: room.requireText('room'),
    entrance: readEntrance(room),
  }));
  const early = fields.yesOrNo('early', false);
  fields.end();
  if (rooms.length === 0) fields.problem('', 'needs rooms, each with its pin');
  const pins = rooms.map(({ pin }) => pin);
  if (new Set(pins).size < pins.length) fields.problem('rooms', 'has a PIN twice: nobody could tell the rooms apart');
  return { kind: 'pin', rooms, early };
}

/** It is not repeated in what is said of it. */
function readPin(fields: Fields): string {
  const pin = fields.requireText('pin');
  if (!isDialled.check(pin) || !/^\d{4,16}$/.test(pin)) fields.problem('pin', 'must be 4 to 16 digits');
  return pin;
}
