import { afterAll, describe } from 'vitest';
import { type RedisCluster, startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { describeBus } from '../contract/bus.contract.ts';
import type { ContractCluster } from '../contract/cluster.contract.ts';
import { describeDirectory } from '../contract/directory.contract.ts';
import { redisNodes } from './testing/redis-nodes.ts';

async function start(): Promise<ContractCluster> {
  const redis = await startRedis();
  const nodes = redisNodes(redis.url);
  return {
    join: (name, info) => nodes.join(name, info),
    empty: async () => void (await redis.send('FLUSHALL')),
    async [Symbol.asyncDispose]() {
      await nodes[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

/** One for all tests: it takes seconds to start. */
let masters: Promise<RedisCluster> | undefined;
let clusters = 0;

async function startOnCluster(): Promise<ContractCluster> {
  masters ??= startRedisCluster(3);
  const redis = await masters;
  const prefix = `test-${clusters++}`;
  const nodes = redisNodes(redis.url, { prefix });
  // Of this test alone, and at once.
  const forget = `for _, key in ipairs(redis.call('KEYS', '${prefix}:*')) do redis.call('DEL', key) end`;
  return {
    join: (name, info) => nodes.join(name, info),
    empty: async () => void (await Promise.all(redis.masters.map((it) => it.send(`EVAL "${forget}" 0`)))),
    [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose](),
  };
}

describe.skipIf(!requireOrSkip('redis')).concurrent('on Redis', () => {
  describeBus('Redis', start);
  describeDirectory('Redis', start);
});

describe.skipIf(!requireOrSkip('redis')).concurrent('on a Redis Cluster', () => {
  afterAll(async () => (await masters)?.[Symbol.asyncDispose]());
  describeBus('Redis Cluster', startOnCluster);
  describeDirectory('Redis Cluster', startOnCluster);
});
