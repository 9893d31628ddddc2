import { expect, test } from 'vitest';
import { Reading } from './reading.ts';

test('a packet that is read while a tick is late may have come since the one before', () => {
  const reading = new Reading();
  // Nothing is known before the first tick.
  expect(reading.sinceMs(500)).toBe(500);
  reading.tick(1_000);
  expect(reading.sinceMs(1_001)).toBe(1_001);
  expect(reading.sinceMs(1_020)).toBe(1_020);
  expect(reading.sinceMs(1_100)).toBe(1_000);
  for (const dueMs of [1_020, 1_040, 1_060, 1_080, 1_100]) reading.tick(dueMs);
  expect(reading.sinceMs(1_101)).toBe(1_101);
  reading.stop();
  expect(reading.sinceMs(9_000)).toBe(9_000);
});
