import { expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { TokenTimers } from './token-timers.ts';

function start(lifeMs: number) {
  const clock = new FakeClock();
  const heard: string[] = [];
  const timers = new TokenTimers(clock, 60_000);
  const holder = {
    dueTick: 0,
    expiresAtMs: clock.nowMs() + lifeMs,
    tokenExpiring: () => heard.push('expiring'),
    tokenExpired: () => heard.push('expired'),
  };
  timers.restart(holder);
  return { clock, heard, holder, timers };
}

test('the warning comes that long before the expiry, each once', () => {
  const { clock, heard } = start(100_000);
  clock.advance(39_999);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(['expiring']);
  clock.advance(59_999);
  expect(heard).toEqual(['expiring']);
  clock.advance(1);
  expect(heard).toEqual(['expiring', 'expired']);
  clock.advance(1_000_000);
  expect(heard).toHaveLength(2);
});

test('a token with less than that left is warned of at once', () => {
  const { heard } = start(30_000);
  expect(heard).toEqual(['expiring']);
});

test('restart() with a later expiry puts both off', () => {
  const { clock, heard, holder, timers } = start(100_000);
  holder.expiresAtMs = clock.nowMs() + 1_000_000;
  timers.restart(holder);
  clock.advance(900_000);
  expect(heard).toEqual([]);
  clock.advance(100_000);
  expect(heard).toEqual(['expiring', 'expired']);
});

test('stop() leaves no timer behind', () => {
  const { clock, holder, timers } = start(100_000);
  timers.stop(holder);
  expect(clock.pendingTimers).toBe(0);
  timers.restart(holder);
  clock.advance(50_000);
  timers.stop(holder);
  expect(clock.pendingTimers).toBe(0);
});
