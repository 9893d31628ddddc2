import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SendRate } from './send-rate.ts';

test('twice a second’s worth goes at once, then as many as the time allows', () => {
  const rate = new SendRate(50);
  const take = (count: number, nowMs: number) =>
    Array.from({ length: count }, () => rate.take(nowMs)).filter((taken) => taken).length;
  expect(take(500, 1_000)).toBe(100);
  expect(take(500, 2_000)).toBe(50);
  expect(take(500, 60_000)).toBe(100);
});

test('never is more taken than the server takes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 300 }), (waits) => {
      const rate = new SendRate(50);
      let nowMs = 0;
      let taken = 0;
      for (const waitMs of waits) {
        nowMs += waitMs;
        if (rate.take(nowMs)) taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(100 + Math.ceil(nowMs / 20));
    }),
  );
});
