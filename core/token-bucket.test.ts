import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  test('gives its burst at once, then says how long to wait', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0]);
    expect(bucket.take(0)).toBe(100);
    expect(bucket.take(60)).toBe(40);
    expect(bucket.take(100)).toBe(0);
  });

  test('a refused take costs nothing', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 0);
    bucket.take(0);
    for (let i = 0; i < 100; i++) expect(bucket.take(0)).toBe(1000);
    expect(bucket.take(1000)).toBe(0);
  });

  test('says how long to wait without taking anything', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, 0);
    expect([bucket.waitMs(0), bucket.waitMs(0), bucket.take(0)]).toEqual([0, 0, 0]);
    expect([bucket.waitMs(0), bucket.waitMs(100)]).toEqual([100, 0]);
  });

  test('never holds more than its burst, however long it rests', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, 0);
    const restedMs = 3_600_000;
    expect([bucket.take(restedMs), bucket.take(restedMs)]).toEqual([0, 0]);
    expect(bucket.take(restedMs)).toBeGreaterThan(0);
  });

  test('a burst of less than one is one: otherwise nothing would ever pass', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 0 }, 0);
    expect(bucket.take(0)).toBe(0);
  });

  test('a clock that goes back gives nothing away', () => {
    const bucket = new TokenBucket({ perSecond: 1000, burst: 1 }, 1000);
    bucket.take(1000);
    expect(bucket.take(0)).toBeGreaterThan(0);
    expect(bucket.isFull(0)).toBe(false);
  });

  test('is full exactly when it holds its burst', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
    expect(bucket.isFull(0)).toBe(true);
    bucket.take(0);
    expect(bucket.isFull(99)).toBe(false);
    expect(bucket.isFull(100)).toBe(true);
  });

  test('over any time it passes at most burst + rate × time, and the wait that it names is enough', () => {
    const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 1000 }), burst: fc.integer({ min: 1, max: 100 }) });
    const steps = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 });
    fc.assert(
      fc.property(rates, steps, (rate, pauses) => {
        const bucket = new TokenBucket(rate, 0);
        let nowMs = 0;
        let passed = 0;
        for (const pauseMs of pauses) {
          nowMs += pauseMs;
          const waitMs = bucket.take(nowMs);
          if (waitMs === 0) passed += 1;
          else {
            nowMs += waitMs;
            expect(bucket.take(nowMs)).toBe(0);
            passed += 1;
          }
        }
        expect(passed).toBeLessThanOrEqual(rate.burst + (nowMs * rate.perSecond) / 1000 + 1e-6);
      }),
      { seed: 7 },
    );
  });
});
