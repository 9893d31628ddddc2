import { expect, test } from 'vitest';
import { PassedKeys } from './passed-keys.ts';

test('a key is pressed for 100 ms to 2 s, and else for as long as it was', () => {
  const keys = new PassedKeys();
  const pressed = [40, 160.4, 60_000].map((durationMs) => keys.take({ digit: '1', durationMs }, 0)?.durationMs);
  expect(pressed).toEqual([100, 160, 2_000]);
});

test('a long number that is dialled at once passes whole, of a flood no more than 15 seconds take', () => {
  const keys = new PassedKeys();
  const flood = (digits: number, nowMs: number, durationMs: number) =>
    Array.from({ length: digits }, () => keys.take({ digit: '1', durationMs }, nowMs)).filter((press) => press).length;
  expect(flood(40, 0, 100)).toBe(40);
  expect(flood(1_000, 11_000, 10_000)).toBe(7);
  expect(flood(1_000, 11_000, 10_000)).toBe(0);
  // What was pressed since then makes room.
  expect(flood(1_000, 16_000, 10_000)).toBe(3);
});
