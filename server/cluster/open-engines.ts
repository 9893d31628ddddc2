import type { Life, NodeInfo } from '../../cluster/directory.ts';
import { openRedisEngines } from '../../cluster/redis/redis-engines.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import type { ClusterEngines } from './engines.ts';
import { nodeNameOf } from './node-info.ts';

interface EngineParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether one of these says that its beats are answered. */
  readonly othersAreUp: (others: ReadonlyMap<Life, NodeInfo>) => Promise<boolean | undefined>;
}

/** The Redis that the options name. @throws {StartError} */
export async function openEngines(config: Config, parts: EngineParts): Promise<ClusterEngines> {
  const { url, prefix, durability, holdMs, shardedPubSub } = config.redis;
  const { leaseMs, beatMs } = config.cluster;
  try {
    return await openRedisEngines({
      ...{ url, prefix, durability, holdMs, shardedPubSub, leaseMs, beatMs, name: nodeNameOf(config) },
      ...parts,
    });
  } catch (error) {
    throw new StartError('opening Redis', error instanceof Error ? error.message : String(error), {
      mend: 'redis.url (PARLEY_REDIS_URL) must lead to a Redis of version 7 or later. `parley doctor` looks at it.',
      cause: error,
    });
  }
}
