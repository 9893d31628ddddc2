import { expect, test } from 'vitest';
import { formatRecoveries, mergeRecoveries, toRecoveries } from './recovery.mjs';

const round = (fault: string, chatMs: number) => ({
  fault,
  about: `what ${fault} is`,
  chatMs,
  mediaMs: 0,
  membersMs: 2 * chatMs,
  lost: 0,
  doubled: 1,
  reordered: 0,
  gaps: 3,
});

test('rounds of a fault are one line, with the median, the worst, and the sums', () => {
  expect(toRecoveries([round('b', 5), round('a', 100), round('a', 300), round('a', 200)])).toEqual([
    {
      fault: 'a',
      about: 'what a is',
      rounds: 3,
      chatMs: { p50: 200, worst: 300 },
      mediaMs: { p50: 0, worst: 0 },
      membersMs: { p50: 400, worst: 600 },
      lost: 0,
      doubled: 3,
      reordered: 0,
      gaps: 9,
    },
    expect.objectContaining({ fault: 'b', rounds: 1 }),
  ]);
});

test('a new run of a fault takes the place of the older one, and leaves others', () => {
  const older = toRecoveries([round('a', 1), round('b', 2)]);
  const merged = mergeRecoveries(older, toRecoveries([round('b', 3)]));
  expect(merged.map(({ fault, chatMs }) => `${fault} ${chatMs.worst}`)).toEqual(['a 1', 'b 3']);
});

test('the table says in words what was done, and in seconds how long it took', () => {
  const table = formatRecoveries(toRecoveries([round('a', 1_500), round('a', 2_000)]));
  expect(table).toContain('what a is');
  expect(table).toContain('1.5 (2.0) s');
});
