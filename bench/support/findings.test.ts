import { expect, test } from 'vitest';
import { describeMisses } from './findings.ts';

test('a goal that is missed is printed with its figure and its reason, or that none is known', () => {
  const goal = { workload: 'idle', goal: 'at most 4 KB', measured: '5 KB', reached: false };
  const goals = [
    { ...goal, name: 'known' },
    { ...goal, name: 'unknown' },
    { ...goal, name: 'met', reached: true },
  ];

  expect(describeMisses(goals, { known: 'Sessions take 1 KB.' })).toEqual([
    'Not reached, idle: at most 4 KB. Measured: 5 KB. Sessions take 1 KB.',
    'Not reached, idle: at most 4 KB. Measured: 5 KB. Why is not known yet.',
  ]);
});
