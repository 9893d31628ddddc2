import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { CallDeadlines } from './call-deadlines.ts';

test('each call is aborted at its own time, unless it ended before, and no timer is left behind', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 40 }),
    timeoutMs: fc.constantFrom(20, 50),
    endsAfterMs: fc.integer({ min: 1, max: 80 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const clock = new FakeClock();
      const deadlines = new CallDeadlines(clock);
      const startMs = clock.monotonicMs();
      const ended: number[] = [];
      const expected: number[] = [];
      for (const { waitMs, timeoutMs, endsAfterMs } of steps) {
        clock.advance(waitMs);
        const at = ended.length;
        const beganMs = clock.monotonicMs() - startMs;
        // Who ends in the very moment of its deadline is in time.
        clock.after(endsAfterMs, () => deadline.cancel());
        const deadline = deadlines.start(
          {
            abort: () => {
              ended[at] = clock.monotonicMs() - startMs;
            },
          },
          timeoutMs,
        );
        ended.push(-1);
        expected.push(endsAfterMs <= timeoutMs ? -1 : beganMs + timeoutMs);
      }
      clock.advance(1_000);
      expect(ended).toEqual(expected);
      expect(clock.pendingTimers).toBe(0);
    }),
    {
      examples: [
        // The timer of the first stands since before the second one's end was set.
        [
          [
            { waitMs: 0, timeoutMs: 50, endsAfterMs: 80 },
            { waitMs: 0, timeoutMs: 50, endsAfterMs: 50 },
          ],
        ],
      ],
    },
  );
});

test('a call that is aborted may start others', () => {
  const clock = new FakeClock();
  const deadlines = new CallDeadlines(clock);
  const reasons: string[] = [];
  deadlines.start({ abort: () => deadlines.start({ abort: ({ reason }) => reasons.push(reason) }, 10) }, 10);
  clock.advance(20);
  expect([reasons, clock.pendingTimers]).toEqual([['CALL_TIMEOUT'], 0]);
});

test('a call that another one starts as it is aborted takes no time from those that wait', () => {
  const clock = new FakeClock();
  const deadlines = new CallDeadlines(clock);
  const startMs = clock.monotonicMs();
  const abortedMs: number[] = [];
  const noted = { abort: () => abortedMs.push(clock.monotonicMs() - startMs) };
  deadlines.start({ abort: () => deadlines.start(noted, 10) }, 10);
  clock.advance(5);
  deadlines.start(noted, 10);
  clock.advance(100);
  expect([abortedMs, clock.pendingTimers]).toEqual([[15, 20], 0]);
});
