import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { newRecord } from '../contract/room.contract.ts';
import { type AppendResult, type NewRecord, StoreError } from '../room-log.ts';
import { HeldAppends } from './held-appends.ts';

/** Redis as it is just now, and what it was given. */
function setUp({ holdMs = 2_000 } = {}) {
  const clock = new FakeClock();
  const redis = { state: 'up' as 'up' | 'away', kind: 'away' as StoreError['kind'], tries: 0, taken: [] as string[] };
  const append = async (records: readonly NewRecord[]): Promise<readonly AppendResult[]> => {
    redis.tries += 1;
    if (redis.state === 'away') throw new StoreError(redis.kind, 'not now');
    redis.taken.push(...records.map(({ clientId }) => clientId));
    return records.map(() => ({ outcome: 'refused', why: 'not-owner' }));
  };
  const held = new HeldAppends({ append, link: redis, holdMs, clock });
  const outcomes: string[] = [];
  const send = (clientId: string) =>
    held.append([newRecord('room', { clientId })]).then(
      () => outcomes.push(`${clientId} taken`),
      (error: StoreError) => outcomes.push(`${clientId} ${error.kind}`),
    );
  const settle = async (ms: number) => {
    for (let gone = 0; gone <= ms; gone += 10) {
      clock.advance(10);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { redis, held, send, settle, outcomes };
}

describe('what is appended while Redis cannot be reached', () => {
  test('is taken in its order once it can, though it came while others waited', async () => {
    const { redis, send, settle, outcomes } = setUp();
    redis.state = 'away';
    void send('a');
    void send('b');
    await settle(500);
    void send('c');
    await settle(500);
    expect(outcomes).toEqual([]);
    redis.state = 'up';
    void send('d');
    await settle(200);
    expect(redis.taken).toEqual(['a', 'b', 'c', 'd']);
    expect(outcomes).toEqual(['a taken', 'b taken', 'c taken', 'd taken']);
    void send('e');
    await settle(0);
    expect(redis.taken.at(-1)).toBe('e');
  });

  test('is refused when it has been away for long, and then at once', async () => {
    const { redis, send, settle, outcomes } = setUp();
    redis.state = 'away';
    void send('a');
    await settle(1_900);
    void send('b');
    expect(outcomes).toEqual([]);
    await settle(200);
    expect(outcomes).toEqual(['a away', 'b away']);
    void send('c');
    await settle(0);
    expect(outcomes.at(-1)).toBe('c away');
  });

  test('waits anew when it was there in between', async () => {
    const { redis, send, settle, outcomes } = setUp();
    redis.state = 'away';
    void send('a');
    await settle(2_100);
    redis.state = 'up';
    void send('b');
    await settle(100);
    redis.state = 'away';
    void send('c');
    await settle(1_000);
    expect(outcomes).toEqual(['a away', 'b taken']);
  });

  test('fails at once when it may have been carried out, or when nothing is to wait', async () => {
    const one = setUp();
    one.redis.state = 'away';
    one.redis.kind = 'unknown';
    void one.send('a');
    await one.settle(0);
    expect(one.outcomes).toEqual(['a unknown']);
    const none = setUp({ holdMs: 0 });
    none.redis.state = 'away';
    void none.send('a');
    await none.settle(0);
    expect(none.outcomes).toEqual(['a away']);
    expect(none.redis.tries).toBe(1);
  });

  test('is refused when the log is closed', async () => {
    const { redis, held, send, settle, outcomes } = setUp();
    redis.state = 'away';
    void send('a');
    void send('b');
    await settle(100);
    held.close();
    await settle(0);
    expect(outcomes).toEqual(['a away', 'b away']);
  });
});
