import { expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { PinLockout } from './pin-lockout.ts';

test('after ten wrong PINs at once, one in six minutes is let through', () => {
  const clock = new FakeClock();
  const lockout = new PinLockout(clock);
  for (let time = 0; time < 9; time += 1) lockout.wrong('ann');
  expect(lockout.isLocked('ann')).toBe(false);
  lockout.wrong('ann');
  expect(lockout.isLocked('ann')).toBe(true);
  expect(lockout.isLocked('ben')).toBe(false);
  clock.advance(359_000);
  expect(lockout.isLocked('ann')).toBe(true);
  clock.advance(1_000);
  expect(lockout.isLocked('ann')).toBe(false);
  lockout.wrong('ann');
  expect(lockout.isLocked('ann')).toBe(true);
});

test('a wrong PIN of somebody who is locked out does not lock them out for longer', () => {
  const clock = new FakeClock();
  const lockout = new PinLockout(clock);
  for (let time = 0; time < 50; time += 1) lockout.wrong('ann');
  clock.advance(360_000);
  expect(lockout.isLocked('ann')).toBe(false);
});

test('sources are forgotten when they are as if they had never been wrong', () => {
  const clock = new FakeClock();
  const lockout = new PinLockout(clock);
  for (let source = 0; source < 100; source += 1) lockout.wrong(`a${source}`);
  clock.advance(3_600_000);
  lockout.wrong('ben');
  expect(lockout.sources).toBe(1);
});

test('of more than 10,000 sources, whoever was wrong longest ago is forgotten', () => {
  const lockout = new PinLockout(new FakeClock());
  for (let time = 0; time < 10; time += 1) lockout.wrong('first');
  for (let time = 0; time < 10; time += 1) lockout.wrong('second');
  for (let source = 0; source < 9_999; source += 1) lockout.wrong(`a${source}`);
  expect(lockout.sources).toBe(10_000);
  expect(lockout.isLocked('first')).toBe(false);
  expect(lockout.isLocked('second')).toBe(true);
});
