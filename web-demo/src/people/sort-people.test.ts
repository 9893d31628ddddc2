import { expect, test } from 'vitest';
import type { Person } from '../state/roster.ts';
import { sortPeople } from './sort-people.ts';

function person(name: string, self = false): Person {
  return {
    peerId: name,
    identity: name,
    name,
    self,
    away: false,
    chatOnly: false,
    handRaised: false,
    phone: undefined,
    sends: new Map(),
  };
}

test('sortPeople() puts oneself first and the others in the order of a phone book', () => {
  const people = [
    person('Zoe'),
    person('Guest 10'),
    person('ada'),
    person('Guest 2'),
    person('Émile'),
    person('Me', true),
  ];
  expect(sortPeople(people).map(({ name }) => name)).toEqual(['Me', 'ada', 'Émile', 'Guest 2', 'Guest 10', 'Zoe']);
});
