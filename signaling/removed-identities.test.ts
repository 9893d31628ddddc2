import { expect, test } from 'vitest';
import { RemovedIdentities } from './removed-identities.ts';

const create = (maxRooms = 10, maxIdentitiesPerRoom = 10) => new RemovedIdentities({ maxRooms, maxIdentitiesPerRoom });

test('add() keeps an identity out of that room alone', () => {
  const removed = create();
  removed.add('a', 'eve');
  expect(removed.has('a', 'eve')).toBe(true);
  expect(removed.has('a', 'ada')).toBe(false);
  expect(removed.has('b', 'eve')).toBe(false);
});

test('allow() lets an identity in again and says whether it was kept out', () => {
  const removed = create();
  removed.add('a', 'eve');
  expect(removed.allow('a', 'eve')).toBe(true);
  expect(removed.has('a', 'eve')).toBe(false);
  expect(removed.allow('a', 'eve')).toBe(false);
  expect(removed.allow('b', 'eve')).toBe(false);
});

test('add() beyond the bound of a room forgets who was removed longest ago', () => {
  const removed = create(10, 2);
  for (const identity of ['eve', 'mallory', 'eve', 'trent']) removed.add('a', identity);
  expect(removed.list('a')).toEqual(['eve', 'trent']);
});

test('add() beyond the bound of rooms forgets the list that was added to longest ago', () => {
  const removed = create(2, 10);
  for (const room of ['a', 'b', 'a', 'c']) removed.add(room, 'eve');
  expect(removed.has('b', 'eve')).toBe(false);
  expect(removed.has('a', 'eve')).toBe(true);
  expect(removed.has('c', 'eve')).toBe(true);
});
