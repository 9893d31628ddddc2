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
  expect(pace.waitMs(1000, 1)).toBe(5);
  expect(pace.waitMs(1005, 5)).toBe(0);
});

test('when three times nothing came while one waited, the next ones do not wait for a while', () => {
  const pace = new Pace(0);
  commit(pace, 8, 1000);
  for (const atMs of [1000, 1005, 1010]) {
    expect(pace.waitMs(atMs, 1)).toBe(5);
    expect(commit(pace, 1, atMs + 5)).toEqual([0]);
  }
  expect(commit(pace, 20, 1016)).toEqual(Array.from({ length: 20 }, () => 0));
  expect(commit(pace, 8, 1116)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(pace.waitMs(1116, 1)).toBeGreaterThan(0);
});

test('a wait during which others came begins the count anew', () => {
  const pace = new Pace(0);
  commit(pace, 8, 1000);
  for (const [atMs, calls] of [
    [1000, 1],
    [1005, 1],
    [1010, 2],
    [1015, 1],
  ] as const) {
    expect(pace.waitMs(atMs, 1)).toBe(5);
    expect(pace.waitMs(atMs + 5, calls)).toBe(0);
    pace.committed();
  }
  expect(pace.waitMs(1020, 1)).toBe(5);
});
