import { expect, test } from 'vitest';
import { RtpClock } from './rtp-clock.ts';

test('what waits on the way moves nothing', () => {
  const clock = new RtpClock(48_000);
  const times = [0, 900, 40, 1_500, 0].map((lateMs, index) => clock.at(index * 960, 5_000 + index * 20 + lateMs));
  expect(times).toEqual([5_000, 5_020, 5_040, 5_060, 5_080]);
});

test('where a track begins is not decided by a first packet that waited', () => {
  const settled: number[] = [];
  const clock = new RtpClock(48_000, (byMs) => settled.push(byMs));
  // The first second comes at once, the rest as it is sent.
  for (let packet = 0; packet < 300; packet += 1) clock.at(packet * 960, Math.max(1_000, packet * 20));
  expect(settled).toEqual([-1_000]);
  expect(clock.at(300 * 960, 6_000)).toBe(6_000);
  clock.settle();
  expect(settled).toHaveLength(1);
});

test('timestamps go on over the end of their 32 bits', () => {
  const clock = new RtpClock(90_000);
  expect(clock.at(0xffff_ffff - 44_999, 1_000)).toBe(1_000);
  expect(clock.at(45_000, 2_000)).toBe(2_000);
});

test('a sender whose clock runs differently is followed, in steps that nobody hears', () => {
  const clock = new RtpClock(48_000);
  let before = clock.at(0, 0);
  let last = before;
  const steps = { least: Number.POSITIVE_INFINITY, most: 0 };
  // 200 parts in a million too slow, for an hour.
  for (let packet = 1; packet < 180_000; packet += 1) {
    last = clock.at(packet * 960, packet * 20 * 1.0002);
    steps.least = Math.min(steps.least, last - before);
    steps.most = Math.max(steps.most, last - before);
    before = last;
  }
  expect(steps.least).toBeGreaterThan(9.9);
  expect(steps.most).toBeLessThan(30.1);
  expect(Math.abs(last - 179_999 * 20 * 1.0002)).toBeLessThan(20);
});

test('after a jump of the timestamps time is that of the arrival', () => {
  const clock = new RtpClock(90_000);
  clock.at(0, 1_000);
  expect(clock.at(3_000_000_000, 1_040)).toBe(1_040);
  expect(clock.at(3_000_003_600, 1_080)).toBe(1_080);
});
