import { expect, test } from 'vitest';
import { excessBytes, textLimitBytes } from './text-limit.ts';

test('excessBytes() counts bytes, not letters', () => {
  expect(excessBytes('')).toBe(0);
  expect(excessBytes('a'.repeat(textLimitBytes))).toBe(0);
  expect(excessBytes('a'.repeat(textLimitBytes + 1))).toBe(1);
  expect(excessBytes('日'.repeat(textLimitBytes / 2))).toBe(textLimitBytes / 2);
});
