import { expect, test } from 'vitest';
import { formatTally, toTally } from './test-tally.mjs';

test('passed, failed and skipped tests are counted', () => {
  const report = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults: [] };
  expect(toTally(report)).toEqual({ passed: 7, failed: 1, skipped: 3 });
});

test('a file that could not be loaded counts as a failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
  ];
  expect(toTally({ numPassedTests: 3, numFailedTests: 1, testResults })).toEqual({ passed: 3, failed: 2, skipped: 0 });
});

test('a missing report counts nothing', () => {
  expect(toTally(undefined)).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test('skipped tests are named only when there are some', () => {
  expect(formatTally({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
  expect(formatTally({ passed: 7, failed: 1, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped');
});
