// Sharded publishing: the suites of the bus and of logs of several nodes, and channels that follow their slots.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisCluster, type RedisServer, startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { describeBus } from '../contract/bus.contract.ts';
import { describeFollowing } from '../contract/follow.contract.ts';
import { newRecord } from '../contract/room.contract.ts';
import { slotOf, tagOf } from './tags.ts';
import { openRedisLog, shareRedis } from './testing/open-redis-log.ts';
import { redisNodes } from './testing/redis-nodes.ts';
import { startReplicatedCluster } from './testing/start-replicated-cluster.ts';

const sharded = true;

describe.skipIf(!requireOrSkip('redis')).concurrent('sharded channels of one server', () => {
  describeBus('Redis, sharded', async () => {
    const redis = await startRedis();
    const nodes = redisNodes(redis.url, { sharded });
    return {
      join: nodes.join,
      empty: async () => void (await redis.send('FLUSHALL')),
      async [Symbol.asyncDispose]() {
        await nodes[Symbol.asyncDispose]();
        await redis[Symbol.asyncDispose]();
      },
    };
  });

  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());
  describeFollowing('Redis, sharded', () => shareRedis(redis.url, { sharded }));
});

describe.skipIf(!requireOrSkip('redis')).concurrent('sharded channels of a cluster', () => {
  let cluster: RedisCluster;
  let count = 0;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  const start = async () => {
    const nodes = redisNodes(cluster.url, { sharded, prefix: `test-${count++}` });
    return {
      join: nodes.join,
      empty: async () => void (await Promise.all(cluster.masters.map((it) => it.send('FLUSHALL')))),
      [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose](),
    };
  };
  describeBus('Redis Cluster, sharded', start);
  describeFollowing('Redis Cluster, sharded', () => shareRedis(cluster.url, { sharded }));

  // After the others: their rooms may be of the slot that is moved.
  test.sequential('are heard where their slot is alone, and go with it to another master', async () => {
    await using opened = await openRedisLog(cluster.url, { sharded });
    const { log, subscriber } = opened;
    const heard: number[] = [];
    const happened: string[] = [];
    const room = 'moving';
    await log.follow(room, { pushed: ({ firstSeq }) => heard.push(firstSeq), trimmed() {}, interrupted() {} });
    subscriber.events.on('interrupted', () => happened.push('interrupted'));
    subscriber.events.on('restored', () => happened.push('restored'));
    const slot = slotOf(`{${tagOf(room)}}`);
    const from = cluster.masters[Math.floor((slot * 3) / 16_384)]!;
    const to = cluster.masters.find((master) => master !== from)!;
    const isHeardAt = async (master: RedisServer) => (await master.send('PUBSUB SHARDCHANNELS')).includes(room);
    expect(await Promise.all(cluster.masters.map(isHeardAt))).toEqual(cluster.masters.map((it) => it === from));
    const idOf = async (master: RedisServer) => (await master.send('CLUSTER MYID')).split('\r\n')[1]!;
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.send(`CLUSTER SETSLOT ${slot} IMPORTING ${fromId}`);
    await from.send(`CLUSTER SETSLOT ${slot} MIGRATING ${toId}`);
    const keys = (await from.send(`CLUSTER GETKEYSINSLOT ${slot} 100`)).match(/test\S+/g) ?? [];
    for (const key of keys) await from.send(`MIGRATE 127.0.0.1 ${to.port} ${key} 0 5000`);
    for (const master of [to, from]) await master.send(`CLUSTER SETSLOT ${slot} NODE ${toId}`);
    const isHeard = async () => {
      await log.append([newRecord(room)]).catch(() => {});
      return heard.length > 0;
    };
    await eventually(isHeard, 'it is heard at the other master', 30_000, 50);
    await eventually(() => happened.at(-1) === 'restored', 'it is said that something may be missing');
    expect(happened[0]).toBe('interrupted');
    expect(await isHeardAt(to)).toBe(true);
  });
});

describe.skipIf(!requireOrSkip('redis')).concurrent('sharded channels of a shard that fails over', () => {
  test('are heard at the replica that takes over', async () => {
    await using redis = await startReplicatedCluster(`{${tagOf('r')}}`);
    await using opened = await openRedisLog(redis.url, { sharded, deadlineMs: 500 });
    const { log } = opened;
    const heard: number[] = [];
    let interruptions = 0;
    const interrupted = () => {
      interruptions += 1;
    };
    await log.follow('r', { pushed: ({ firstSeq }) => heard.push(firstSeq), trimmed() {}, interrupted });
    await log.append([newRecord('r')]);
    await redis.copied();
    await redis.master.kill();
    const isHeard = async () => {
      await log.append([newRecord('r')]).catch(() => {});
      return heard.some((seq) => seq > 1);
    };
    await eventually(isHeard, 'it is heard again', 30_000, 50);
    await eventually(() => interruptions > 0, 'it is said that something may be missing');
  }, 90_000);
});
