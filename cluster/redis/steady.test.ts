import { expect, test } from 'vitest';
import { Steady } from './steady.ts';

const leaseMs = 10_000;

/** Beats each 2 s, until `toMs`; Redis' clock is ahead by `aheadMs`. */
function beat(steady: Steady, fromMs: number, toMs: number, aheadMs = 1_000_000): void {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 2_000) steady.answered(nowMs, nowMs + aheadMs);
}

test('beats are steady when they were answered for a whole lease', () => {
  const steady = new Steady(leaseMs);
  expect(steady.isFor(0)).toBe(false);
  beat(steady, 0, 8_000);
  expect(steady.isFor(8_000)).toBe(false);
  beat(steady, 10_000, 10_000);
  expect(steady.isFor(10_000)).toBe(true);
});

test('one that is not answered begins the lease anew', () => {
  const steady = new Steady(leaseMs);
  beat(steady, 0, 20_000);
  steady.broken();
  expect(steady.isFor(20_000)).toBe(false);
  beat(steady, 22_000, 30_000);
  expect(steady.isFor(30_000)).toBe(false);
  beat(steady, 32_000, 32_000);
  expect(steady.isFor(32_000)).toBe(true);
});

test('so does a pause of this process, and a leap of the clock of Redis either way', () => {
  for (const aheadMs of [1_000_000, 1_060_000, 940_000]) {
    const steady = new Steady(leaseMs);
    beat(steady, 0, 20_000);
    const nextMs = aheadMs === 1_000_000 ? 40_000 : 22_000;
    beat(steady, nextMs, nextMs, aheadMs);
    expect(steady.isFor(nextMs)).toBe(false);
    beat(steady, nextMs + 2_000, nextMs + leaseMs, aheadMs);
    expect(steady.isFor(nextMs + leaseMs)).toBe(true);
  }
});
