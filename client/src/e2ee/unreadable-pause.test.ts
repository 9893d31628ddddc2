import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UnreadablePause } from './unreadable-pause.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const told: boolean[] = [];
  const state = { isUnreadable: true };
  const pause = new UnreadablePause({
    isUnreadable: () => state.isUnreadable,
    setPaused: (paused) => told.push(paused),
  });
  return { pause, state, told };
}

test('what cannot be decrypted is stopped after a moment, and tried again after waits that grow', () => {
  const { pause, told } = start();
  pause.changed();
  vi.advanceTimersByTime(2_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(10 * 60_000);
  const tries = told.filter((paused) => !paused).length;
  // Each minute at the least, and not as often as every ten seconds.
  expect(tries).toBeGreaterThanOrEqual(9);
  expect(tries).toBeLessThan(46);
  pause.close();
});

test('what can be decrypted in time is not stopped', () => {
  const { pause, state, told } = start();
  pause.changed();
  state.isUnreadable = false;
  pause.changed();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});

test('another key is tried at once', () => {
  const { pause, state, told } = start();
  pause.changed();
  vi.advanceTimersByTime(3_000);
  pause.changed();
  expect(told).toEqual([true, false]);
  state.isUnreadable = false;
  pause.changed();
  vi.advanceTimersByTime(10 * 60_000);
  expect(told).toEqual([true, false]);
});

test('what turns out to be decrypted just when it is stopped goes on', () => {
  const { pause, state, told } = start();
  pause.changed();
  vi.advanceTimersByTime(3_000);
  state.isUnreadable = false;
  pause.changed();
  expect(told).toEqual([true, false]);
  vi.advanceTimersByTime(10 * 60_000);
  expect(told).toEqual([true, false]);
});

test('after its end nothing is asked for any more', () => {
  const { pause, told } = start();
  pause.changed();
  pause.close();
  vi.advanceTimersByTime(10 * 60_000);
  expect(told).toEqual([]);
});
