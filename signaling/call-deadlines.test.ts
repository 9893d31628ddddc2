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
      const allowed: number[][] = [];
      for (const { waitMs, timeoutMs, endsAfterMs } of steps) {
        clock.advance(waitMs);
        const at = ended.length;
        const beganMs = clock.monotonicMs() - startMs;
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
        const abortedMs = beganMs + timeoutMs;
        // One timer serves all deadlines, so in the very moment of one it may come before or after the call's end.
        if (endsAfterMs === timeoutMs) allowed.push([-1, abortedMs]);
        else allowed.push([endsAfterMs < timeoutMs ? -1 : abortedMs]);
      }
      clock.advance(1_000);
      expect(ended).toHaveLength(steps.length);
      for (const [at, one] of ended.entries()) expect(allowed[at]).toContain(one);
      expect(clock.pendingTimers).toBe(0);
    }),
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
