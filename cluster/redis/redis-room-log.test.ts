import { afterAll, beforeAll, describe } from 'vitest';
import { type RedisCluster, type RedisServer, startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { describeFollowing } from '../contract/follow.contract.ts';
import { describeRoomLog } from '../room-log.contract.ts';
import { openRedisLog, shareRedis } from './testing/open-redis-log.ts';

describe.skipIf(!requireOrSkip('redis'))('on one server', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  describeRoomLog('Redis', async () => (await openRedisLog(redis.url)).log);
  describeFollowing('Redis', () => shareRedis(redis.url));
});

describe.skipIf(!requireOrSkip('redis'))('on three masters', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  describeRoomLog('Redis Cluster', async () => (await openRedisLog(cluster.url)).log);
  describeFollowing('Redis Cluster', () => shareRedis(cluster.url));
});
