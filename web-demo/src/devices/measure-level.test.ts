import { expect, test } from 'vitest';
import { toLevel } from './measure-level.ts';

test('toLevel() is nothing for silence, full for shouting, and in between for speech', () => {
  expect(toLevel(0)).toBe(0);
  expect(toLevel(0.0001)).toBe(0);
  expect(toLevel(1)).toBe(1);
  expect(toLevel(0.03)).toBeGreaterThan(0.4);
  expect(toLevel(0.03)).toBeLessThan(0.8);
});
