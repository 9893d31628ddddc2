import { expect, test } from 'vitest';
import { Emitter } from '../../core/events.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { newRecord } from '../contract/room.contract.ts';
import { RedisError } from './redis-error.ts';
import type { RedisLink, RedisLinkEvents } from './redis-link.ts';
import { createRedisRoomLog } from './redis-room-log.ts';
import type { Channels, SubscriberEvents } from './subscriber.ts';
import { slotOf, tagOf } from './tags.ts';

/** Of two partitions. */
const rooms = ['standup', 'retro'] as const;

/** A Redis Cluster: what becomes of calls is said for each room's part of it. */
function openOn(kinds: Readonly<Record<string, RedisError['kind']>>) {
  const calls: string[] = [];
  const link: RedisLink = {
    state: 'up',
    events: new Emitter<RedisLinkEvents>(() => {}),
    sharded: false,
    masters: [],
    tags: [],
    async call(key) {
      const room = rooms.find((one) => slotOf(tagOf(one)) === slotOf(key)) ?? '';
      calls.push(room);
      throw new RedisError(kinds[room] ?? 'closed', 'as the test says');
    },
    whenUp: async () => {},
    close: async () => {},
  };
  const subscriber: Channels = {
    events: new Emitter<SubscriberEvents>(() => {}),
    isUp: true,
    whenUp: async () => {},
    subscribe: async () => () => {},
    distrust: () => {},
    close: () => {},
  };
  const parts = { link, subscriber, prefix: 'test', split: true, log: silentLogger, clock: new FakeClock() };
  const log = createRedisRoomLog({ ...parts, origin: () => 'node~1', durability: () => 'process', holdMs: 2_000 });
  return { log, calls };
}

test('of a call that failed in each part of a Redis Cluster, each record is told how it failed itself', async () => {
  const { log, calls } = openOn({ standup: 'away', retro: 'unknown' });
  const results = await log.append(rooms.map((room) => newRecord(room)));
  expect(results.map((it) => it.outcome === 'failed' && it.error.kind)).toEqual(['away', 'unknown']);
  // What may have been carried out is not sent again.
  expect(calls.filter((room) => room === 'retro')).toHaveLength(1);
});
