import { expect, test } from 'vitest';
import { JournaledMap } from './journaled-map.ts';

test('what changed since the last commit is taken back, the rest stays', () => {
  const map = new JournaledMap<number>();
  map.set('a', 1);
  map.set('b', 2);
  map.commit();
  map.set('a', 10);
  map.set('a', 11);
  map.delete('b');
  map.set('c', 3);
  expect(map.delete('never')).toBe(false);
  expect([map.get('a'), map.get('b'), map.size]).toEqual([11, undefined, 2]);
  map.clear();
  map.rollback();
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, 2, undefined, 2]);
  map.rollback();
  expect(map.size).toBe(2);
});
