import { expect, it } from 'vitest';
import { fullJitterMs } from './backoff.ts';

it('fullJitterMs() grows up to its cap, and is anything from 0 to that', () => {
  const longest = [0, 1, 2, 3, 40, 5_000].map((tries) => fullJitterMs(tries, 100, 700, () => 1));
  expect(longest).toEqual([100, 200, 400, 700, 700, 700]);
  expect(fullJitterMs(3, 100, 700, () => 0)).toBe(0);
  expect(fullJitterMs(1, 100, 700, () => 0.5)).toBe(100);
});
