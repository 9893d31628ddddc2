// One node among many: what is opened besides the parts of a single node, and in which order it comes and goes.

import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import type { ClusterEngines } from './engines.ts';
import { createNodeInfo, type NodeNow, nodeNameOf } from './node-info.ts';

export interface Cluster {
  readonly engines: ClusterEngines;
  /** From now on the others know this node. @throws {StartError} when what they share cannot be reached. */
  join(now: () => NodeNow): Promise<void>;
  /** Why clients are better off on another node, in a clause. */
  obstacle(): string | undefined;
  /** What this node cannot do although it is to be used, in a clause. */
  limitation(): string | undefined;
  /** The others need not wait for its lease. The room log is closed by whoever uses it. */
  close(): Promise<void>;
}

interface ClusterParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Instead of those that `redis.url` names. */
  readonly engines?: ClusterEngines | undefined;
}

/** Undefined: one node by itself. @throws {StartError} */
export async function openCluster(config: Config, { log, engines: given }: ClusterParts): Promise<Cluster | undefined> {
  if (given === undefined && config.redis.url === '') return undefined;
  const engines = given ?? openRedisEngines();
  const { nodes } = engines.directory;
  const name = nodeNameOf(config);
  nodes.events.on('came', ({ life }) => log.info({ node: name, life }, 'a node came'));
  nodes.events.on('died', ({ life }) => log.info({ node: name, life }, 'a node died'));
  nodes.events.on('reborn', ({ before, life }) =>
    log.warn({ node: name, before, life }, 'others took this node for dead'),
  );
  nodes.events.on('stateChanged', ({ state }) => log.warn({ node: name, state }, 'what the nodes share'));
  nodes.events.on('reset', () => log.warn({ node: name }, 'what the nodes share is empty or an older copy'));

  return {
    engines,
    async join(now) {
      try {
        await nodes.start(createNodeInfo(config, config.node.rpcPort, now));
      } catch (error) {
        throw new StartError('joining the other nodes', error instanceof Error ? error.message : String(error), {
          mend: 'redis.url (PARLEY_REDIS_URL) must lead to a Redis that runs. `parley doctor` looks at it.',
          cause: error,
        });
      }
      log.info({ node: name, life: nodes.life }, 'node joined');
    },
    obstacle: () => (nodes.state === 'isolated' ? 'this node cannot reach Redis, and other nodes can' : undefined),
    limitation: () => (nodes.state === 'away' ? 'Redis cannot be reached' : undefined),
    async close() {
      // Whoever cannot tell the others is missed by them a lease later.
      await nodes.end().catch((error: unknown) => log.warn({ err: error, node: name }, 'the node left without a word'));
      await engines.bus.close();
      await engines.directory.close();
    },
  };
}

function openRedisEngines(): ClusterEngines {
  throw new StartError('opening Redis', 'redis.url is set, and this version cannot use it yet.', {
    mend: 'Leave redis.url (PARLEY_REDIS_URL) empty.',
  });
}
