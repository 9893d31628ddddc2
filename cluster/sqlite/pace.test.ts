import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

/** So many commits that begin at once, each with one call. */
function commit(pace: Pace, count: number, atMs: number): number[] {
  return Array.from({ length: count }, () => {
    const waitMs = pace.waitMs(atMs, 1);
    if (waitMs === 0) pace.committed();
    return waitMs;
  });
}

test('a commit after a pause and the next few begin at once, further ones wait a little', () => {
  const pace = new Pace(0);
  expect(commit(pace, 8, 1000)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(pace.waitMs(1000, 1)).toBe(2.5);
  expect(pace.waitMs(1002.5, 5)).toBe(0);
});

test('when nothing came while one waited, the next ones do not wait for a while', () => {
  const pace = new Pace(0);
  commit(pace, 8, 1000);
  expect(pace.waitMs(1000, 1)).toBeGreaterThan(0);
  expect(commit(pace, 20, 1002.5)).toEqual(Array.from({ length: 20 }, () => 0));
  expect(commit(pace, 8, 1103)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(pace.waitMs(1103, 1)).toBeGreaterThan(0);
});
