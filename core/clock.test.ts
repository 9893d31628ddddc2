import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock, toMonotonicMs } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

describe('systemClock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('calls back once, after the delay', () => {
    vi.useFakeTimers();
    let calls = 0;
    systemClock.after(1000, () => {
      calls += 1;
    });
    vi.advanceTimersByTime(999);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1_000_000);
    expect(calls).toBe(1);
  });

  test('waits longer than setTimeout can, and can be cancelled on the way', () => {
    vi.useFakeTimers();
    const fortyDaysMs = 40 * 86_400_000;
    const calls: string[] = [];
    systemClock.after(fortyDaysMs, () => calls.push('kept'));
    const cancelled = systemClock.after(fortyDaysMs, () => calls.push('cancelled'));
    vi.advanceTimersByTime(fortyDaysMs - 1);
    expect(calls).toEqual([]);
    cancelled.cancel();
    cancelled.cancel();
    vi.advanceTimersByTime(1);
    expect(calls).toEqual(['kept']);
  });

  test('a delay in the past is at once, not an error', async () => {
    await new Promise<void>((resolve) => {
      systemClock.after(-5, resolve);
      // The clock’s timers keep no process alive: this one does, until it fires.
      setTimeout(() => {}, 50);
    });
  });

  test('goes on monotonically', () => {
    const before = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });
});

describe('FakeClock', () => {
  test('fires what falls due in order of time, at its time', () => {
    const clock = new FakeClock();
    const startMs = clock.nowMs();
    const fired: [string, number][] = [];
    const note = (name: string) => () => void fired.push([name, clock.nowMs() - startMs]);
    clock.after(200, note('second'));
    clock.after(100, note('first'));
    clock.after(1000, note('later'));
    clock.advance(500);
    expect(fired).toEqual([
      ['first', 100],
      ['second', 200],
    ]);
    expect(clock.nowMs() - startMs).toBe(500);
    expect(clock.pendingTimers).toBe(1);
  });

  test('fires what timers set up on the way', () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    const startMs = clock.nowMs();
    const again = () => {
      fired.push(clock.nowMs() - startMs);
      if (fired.length < 3) clock.after(100, again);
    };
    clock.after(100, again);
    clock.advance(1000);
    expect(fired).toEqual([100, 200, 300]);
  });

  test('a cancelled timer does not fire', () => {
    const clock = new FakeClock();
    let fired = false;
    clock
      .after(1, () => {
        fired = true;
      })
      .cancel();
    clock.advance(10);
    expect(fired).toBe(false);
  });
});

test('toMonotonicMs() is as long ago as the record says, and now when that is later than now', () => {
  const clock = { nowMs: () => 1_000_000, monotonicMs: () => 5_000 };
  expect(toMonotonicMs(clock, 999_000)).toBe(4_000);
  expect(toMonotonicMs(clock, 900_000)).toBe(-95_000);
  expect(toMonotonicMs(clock, 1_000_001)).toBe(5_000);
});
