import { expect, test } from 'vitest';
import { Multimap } from './multimap.ts';

const one = { name: 'one' };
const two = { name: 'two' };
const three = { name: 'three' };

function fill(...values: object[]): Multimap<string, object> {
  const map = new Multimap<string, object>();
  for (const value of values) map.add('key', value);
  return map;
}

test('a key has all of its values in the order in which they came, each once', () => {
  const map = fill(one, one, two, three, two);
  expect(map.get('key')).toEqual([one, two, three]);
  expect(map.count('key')).toBe(3);
});

test('a key without values is none', () => {
  const map = fill(one, two);
  expect([map.delete('key', one), map.delete('key', two)]).toEqual([true, true]);
  expect([map.size, map.count('key'), map.get('key')]).toEqual([0, 0, []]);
  map.add('key', three);
  expect([map.size, [...map.keys()]]).toEqual([1, ['key']]);
  expect(map.delete('key', three)).toBe(true);
  expect(map.size).toBe(0);
});

test('what is not there is not deleted', () => {
  const map = fill(one);
  expect([map.delete('key', two), map.delete('other', one)]).toEqual([false, false]);
  map.add('key', two);
  expect(map.delete('key', three)).toBe(false);
  expect(map.get('key')).toEqual([one, two]);
});

test('what was got does not change with the map', () => {
  const map = fill(one, two);
  const got = map.get('key');
  map.delete('key', one);
  expect(got).toEqual([one, two]);
});
