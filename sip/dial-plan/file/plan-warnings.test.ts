import { expect, test } from 'vitest';
import { warnOfPlan } from './plan-warnings.ts';
import { readPlan } from './read-plan.ts';

const trunks = `
users: [{ identity: ann, password: x }]
trunks:
  - { name: in, inbound: { addresses: 10.0.0.1 } }
  - { name: out, outbound: { targets: 'sip:one.example' } }
`;
const rooms = (...pins: readonly string[]) =>
  `pin: { rooms: [${pins.map((pin, at) => `{ pin: ${pin}, room: r${at} }`).join(', ')}] }`;
const warn = (rule: string, more = '') =>
  warnOfPlan(readPlan(`${more}\n${trunks}rules: [{ name: meet, ${rule} }]`, 'plan.yaml'));

test('PINs that callers of a trunk or guests could guess are warned of, and not told', () => {
  const text = (which: string, who: string) =>
    `rule meet has ${which} of fewer than 6 digits, and ${who} may guess: a caller can write any number as its own`;
  expect(warn(rooms('12345'))).toEqual([text('a PIN', 'callers of trunk in')]);
  expect(warn(`when: { trunk: in }, ${rooms('1234', '12345', '123456')}`)).toEqual([
    text('2 PINs', 'callers of trunk in'),
  ]);
  expect(warn(rooms('1234'), 'guests: true')).toEqual([text('a PIN', 'callers of trunk in and guests')]);
  expect(warn(`when: { from: guest }, ${rooms('1234')}`, 'guests: true')).toEqual([text('a PIN', 'guests')]);
});

test('so many PINs that guesses find one are warned of, however long they are', () => {
  const pins = (count: number) => rooms(...Array.from({ length: count }, (_, at) => String(100_000 + at)));
  expect(warn(pins(41))).toEqual([]);
  expect(warn(pins(100))).toEqual([
    'rule meet has so many PINs that one of 10000 guesses is right, and callers of trunk in may guess: a caller can write any number as its own',
  ]);
});

test.each([
  ['long', rooms('123456')],
  ['of users by a kind', `when: { from: user }, ${rooms('1234')}`],
  ['of users by name', `when: { user: ann }, ${rooms('1234')}`],
  ['of a trunk that brings nobody', `when: { trunk: out }, ${rooms('1234')}`],
  ['of guests that are not let in', `when: { from: guest }, ${rooms('1234')}`],
])('PINs that are %s are not', (_which, rule) => {
  expect(warn(rule)).toEqual([]);
});
