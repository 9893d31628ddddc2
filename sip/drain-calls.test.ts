import { expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { drainCalls } from './drain-calls.ts';

/** An agent with so many calls, as far as draining sees one. */
function withCalls(calls: number) {
  const agent = {
    load: { calls, dialogs: calls, transactions: 0 },
    drains: 0,
    drain() {
      agent.drains += 1;
    },
  };
  return agent;
}

test('draining ends when the last call does', async () => {
  const clock = new FakeClock();
  const agent = withCalls(2);
  let over = false;
  const drained = drainCalls(agent, clock, 60_000).then(() => {
    over = true;
  });
  clock.advance(10_000);
  await Promise.resolve();
  expect([agent.drains, over]).toEqual([1, false]);
  agent.load = { ...agent.load, calls: 0 };
  clock.advance(1_000);
  await drained;
  expect(clock.pendingTimers).toBe(0);
});

test('draining waits no longer than it may, and not at all for nobody', async () => {
  const clock = new FakeClock();
  const drained = drainCalls(withCalls(1), clock, 5_000);
  clock.advance(5_000);
  await drained;
  await drainCalls(withCalls(0), clock, 5_000);
  await drainCalls(withCalls(1), clock, 0);
  expect(clock.pendingTimers).toBe(0);
});
