import { expect, test } from 'vitest';
import { inSyncTurn, maxWaitingSyncs } from './sync-turns.ts';

test('one works at a time, a bounded number waits, and a failure ends only its own turn', async () => {
  const session = {};
  const began: number[] = [];
  let openGate = () => {};
  const gate = new Promise<void>((resolve) => {
    openGate = resolve;
  });
  const work = (index: number) => async () => {
    began.push(index);
    await gate;
    if (index === 1) throw new Error('as the test wants');
    return index;
  };
  const turns = Array.from({ length: maxWaitingSyncs + 1 }, (_, index) => inSyncTurn(session, work(index)));
  const ended = Promise.allSettled(turns);
  await expect(inSyncTurn(session, work(99))).rejects.toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: 250 });
  expect(began).toEqual([0]);
  expect(await inSyncTurn({}, async () => 'another session')).toBe('another session');
  openGate();
  const results = await ended;
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual(results.map((_, index) => index !== 1));
  expect(began).toEqual(results.map((_, index) => index));
  expect(await inSyncTurn(session, work(100))).toBe(100);
});
