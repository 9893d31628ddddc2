import { expect, test } from 'vitest';
import { formatDuration } from './format-duration.ts';

test('formatDuration() shows hours only when there are some', () => {
  expect(formatDuration(-5)).toBe('0:00');
  expect(formatDuration(65_000)).toBe('1:05');
  expect(formatDuration(3_600_000)).toBe('1:00:00');
  expect(formatDuration(36_061_999)).toBe('10:01:01');
});
