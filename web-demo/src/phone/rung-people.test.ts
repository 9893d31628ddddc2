import { expect, test } from 'vitest';
import type { Person } from '../state/roster.ts';
import type { Leg } from './call-line.ts';
import { rungOf } from './rung-people.ts';

const leg = (changes: Partial<Leg> = {}) =>
  ({ legId: 'l1', identity: 'taxi', name: 'Taxi', number: '100', shown: 'Taxi', state: 'calling', ...changes }) as Leg;

const phone = (changes: Partial<NonNullable<Person['phone']>> = {}, identity = 'taxi') =>
  ({
    peerId: `p-${identity}`,
    identity,
    name: 'Taxi',
    phone: { number: '100', callId: 'c1', ringing: true, ...changes },
  }) as Person;

test('a phone that rings and is heard already has one place, with the leg that can be stopped', () => {
  expect(rungOf([leg()], [phone()], 'c1')).toMatchObject([
    { key: 'l1', shown: 'Taxi', number: '100', state: 'ringing', leg: { legId: 'l1' } },
  ]);
});

test('a phone of the room that was picked up is nobody who rings', () => {
  expect(rungOf([], [phone({ ringing: false })], 'c1')).toEqual([]);
});

test('a phone that others call is shown, with nothing to stop', () => {
  expect(rungOf([], [phone({ callId: 'another' })], undefined)).toMatchObject([
    { key: 'p-taxi', state: 'ringing', leg: undefined },
  ]);
});

test('a phone of another call is not taken for the one of this call', () => {
  const all = rungOf([leg()], [phone({ callId: 'another' })], 'c1');
  expect(all.map(({ key, state }) => [key, state])).toEqual([
    ['l1', 'calling'],
    ['p-taxi', 'ringing'],
  ]);
});

test('a number that has no name is said once', () => {
  const [rung] = rungOf([leg({ name: '', shown: '100' })], [], 'c1');
  expect(rung).toMatchObject({ shown: '100', number: '' });
});
