// One node among many: what is opened besides the parts of a single node, and in which order it comes and goes.

import type { NodeCalls, NodeMethod } from '../../cluster/node-calls.ts';
import type { NodeCallsStats } from '../../cluster/rpc/open-node-calls.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { Scope } from '../../core/scope.ts';
import type { Placement } from '../../signaling/cluster/placement.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import { clusterSecretOf } from './cluster-secret.ts';
import { type ClusterEngines, clusterNameOf } from './engines.ts';
import { createNodeInfo, type NodeNow, nodeNameOf } from './node-info.ts';
import { NodePlacement } from './node-placement.ts';
import { openCalls, someAreUp } from './open-calls.ts';
import { openEngines } from './open-engines.ts';

export interface Cluster {
  readonly engines: ClusterEngines;
  readonly calls: NodeCalls;
  readonly placement: Placement;
  /** Eight hexadecimal digits of this cluster. */
  readonly name: string;
  /** The same on all nodes. */
  readonly secret: string;
  /** From now on the others know this node. @throws {StartError} when what they share cannot be reached. */
  join(now: () => NodeNow): Promise<void>;
  /** Why clients are better off on another node, in a clause. */
  obstacle(): string | undefined;
  /** What this node cannot do although it is to be used, and what will fail later, in clauses. */
  limitations(): readonly string[];
  stats(): ClusterNodeStats;
  /** The others need not wait for its lease. The room log is closed before, by whoever uses it. */
  close(): Promise<void>;
}

export interface ClusterNodeStats extends NodeCallsStats {
  /** Other nodes that live, and this one. */
  readonly nodes: number;
  readonly up: boolean;
  /** From publishing to hearing it, the last time. */
  readonly busDelayMs: number | undefined;
}

interface ClusterParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Instead of those that `redis.url` names. */
  readonly engines?: ClusterEngines | undefined;
  readonly observeCall?: ((method: NodeMethod, outcome: string, seconds: number) => void) | undefined;
}

/** Undefined: one node by itself. @throws {StartError} */
export async function openCluster(config: Config, parts: ClusterParts): Promise<Cluster | undefined> {
  if (parts.engines === undefined && config.redis.url === '') return undefined;
  const scope = new Scope();
  try {
    return await open(config, parts, scope);
  } catch (error) {
    await scope.close().catch(() => {});
    throw error;
  }
}

async function open(config: Config, { clock, log, engines: given, observeCall }: ClusterParts, scope: Scope) {
  let ask: NodeCalls | undefined;
  const othersAreUp = async (others: ReadonlyMap<string, unknown>) => ask && (await someAreUp(ask, others.keys()));
  const engines = given ?? (await openEngines(config, { clock, log, othersAreUp }));
  scope.defer(() => engines.close?.());
  scope.defer(() => engines.directory.close());
  scope.defer(() => engines.bus.close());
  const { nodes } = engines.directory;
  const calls = await openCalls(config, { nodes, isUp: () => engines.roomLog.state === 'up', clock, log, observeCall });
  ask = calls;
  scope.defer(() => calls.close());
  logChanges(engines, nodeNameOf(config), log);
  // Nobody is let in before it is known.
  let own = () => createNodeInfo(config, calls.port, () => nothingYet)();
  const placement = new NodePlacement({ nodes, own: () => own(), options: config.cluster, clock });

  return {
    engines,
    calls,
    placement,
    name: clusterNameOf(config.redis.prefix),
    secret: clusterSecretOf(config),
    async join(now: () => NodeNow) {
      try {
        own = createNodeInfo(config, calls.port, now);
        await nodes.start(own);
      } catch (error) {
        throw new StartError('joining the other nodes', error instanceof Error ? error.message : String(error), {
          mend: 'redis.url (PARLEY_REDIS_URL) must lead to a Redis that runs. `parley doctor` looks at it.',
          cause: error,
        });
      }
      // Whoever cannot tell the others is missed by them a lease later.
      scope.defer(() =>
        nodes.end().catch((error: unknown) => log.warn({ err: error }, 'the node left without a word')),
      );
      log.info({ node: nodeNameOf(config), life: nodes.life, rpcPort: calls.port }, 'node joined');
    },
    obstacle: () => (nodes.state === 'isolated' ? 'this node cannot reach Redis, and other nodes can' : undefined),
    limitations: () => limitationsOf(engines),
    stats: () => ({
      ...calls.stats(),
      nodes: nodes.others.size + 1,
      up: nodes.state === 'up',
      busDelayMs: engines.busDelayMs,
    }),
    close: () => scope.close(),
  };
}

function limitationsOf({ directory: { nodes }, evictionPolicy }: ClusterEngines): string[] {
  const isEvicting = evictionPolicy !== undefined;
  return [
    ...(nodes.state === 'away' ? ['Redis cannot be reached'] : []),
    ...(isEvicting
      ? [`maxmemory-policy of Redis is ${evictionPolicy}, not noeviction: messages vanish when it is full`]
      : []),
  ];
}

const nothingYet: NodeNow = { ready: false, draining: false, rooms: 0, peers: 0, load: 0, promised: 0 };

function logChanges({ directory: { nodes } }: ClusterEngines, node: string, log: Logger): void {
  nodes.events.on('came', ({ life }) => log.info({ node, life }, 'a node came'));
  nodes.events.on('died', ({ life }) => log.info({ node, life }, 'a node died'));
  nodes.events.on('reborn', ({ before, life }) => log.warn({ node, before, life }, 'others took this node for dead'));
  nodes.events.on('stateChanged', ({ state }) => log.warn({ node, state }, 'the way to the other nodes changed'));
  nodes.events.on('reset', () => log.warn({ node }, 'what the nodes share is empty or an older copy'));
}
