import { expect, test } from 'vitest';
import { formatTally, mergeTallies, toTally } from './tally.mjs';

const died = [{ file: 'a.test.ts', during: 'a call' }];

test('a runner that told nothing counts nothing', () => {
  expect(toTally(undefined)).toEqual({ passed: 0, failed: 0, skipped: 0, died: [], otherErrors: 0 });
});

test('files that ran again count as they ended the second time', () => {
  const first = toTally({ passed: 7, skipped: 1, died });
  expect(mergeTallies(first, toTally({ passed: 3 }))).toEqual(toTally({ passed: 10, skipped: 1 }));
  expect(mergeTallies(first, toTally({ passed: 2, failed: 1 }))).toEqual(toTally({ passed: 9, failed: 1, skipped: 1 }));
  expect(mergeTallies(first, toTally({ died })).died).toEqual(died);
});

test('skipped tests are named only when there are some', () => {
  expect(formatTally(toTally({ passed: 7 }))).toBe('7 passed, 0 failed');
  expect(formatTally(toTally({ passed: 7, failed: 1, skipped: 2 }))).toBe('7 passed, 1 failed, 2 skipped');
});
