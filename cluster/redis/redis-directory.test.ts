import { describe } from 'vitest';
import { startRedis } from '../../test/support/redis-server.ts';
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

describe.skipIf(!requireOrSkip('redis'))('on Redis', () => {
  describeBus('Redis', start);
  describeDirectory('Redis', start);
});
