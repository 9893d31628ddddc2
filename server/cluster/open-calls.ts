import { readFileSync } from 'node:fs';
import type { Life, NodeLeases } from '../../cluster/directory.ts';
import type { NodeCalls, NodeMethod } from '../../cluster/node-calls.ts';
import type { RpcTls } from '../../cluster/rpc/channel.ts';
import { type GrpcNodeCalls, openNodeCalls } from '../../cluster/rpc/open-node-calls.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import { clusterSecretOf } from './cluster-secret.ts';

/** So many others are asked whether they reach what this node does not. */
const askedNodes = 5;

interface CallParts {
  readonly nodes: NodeLeases;
  /** What the nodes share answers now: a lease says so only long after. */
  readonly isUp: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observeCall?: ((method: NodeMethod, outcome: string, seconds: number) => void) | undefined;
}

/** Listens for other nodes. @throws {StartError} */
export async function openCalls(
  config: Config,
  { nodes, isUp, clock, log, observeCall }: CallParts,
): Promise<GrpcNodeCalls> {
  const { rpcHost: host, rpcPort: port } = config.node;
  try {
    const calls = await openNodeCalls({
      nodes,
      host,
      port,
      secret: clusterSecretOf(config),
      tls: readTls(config),
      timeoutMs: config.cluster.rpcTimeoutMs,
      clock,
      log,
      ...(observeCall && { observeCall }),
    });
    calls.serve({ ping: () => ({ life: nodes.life, alive: nodes.state === 'up' && isUp() }) });
    return calls;
  } catch (error) {
    throw new StartError('listening for other nodes', error instanceof Error ? error.message : String(error), {
      mend: 'Set node.rpcHost (PARLEY_NODE_RPC_HOST) to an address of this machine, node.rpcPort to a free port, and the files of cluster.tls… to PEM files that this user can read.',
      cause: error,
    });
  }
}

/** Whether one of them reaches what the nodes share; undefined: none of them answers. */
export async function someAreUp(calls: Pick<NodeCalls, 'call'>, others: Iterable<Life>): Promise<boolean | undefined> {
  const answers: boolean[] = [];
  const asked = [...others].slice(0, askedNodes).map(async (life) => {
    const { alive } = await calls.call(life, 'ping', {});
    answers.push(alive);
    if (!alive) throw new Error('it does not reach it either');
    return true;
  });
  return await Promise.any(asked).catch(() => (answers.length > 0 ? false : undefined));
}

function readTls({ cluster }: Config): RpcTls | undefined {
  const { tlsCertFile, tlsKeyFile, tlsCaFile } = cluster;
  if (tlsCertFile === '') return undefined;
  return { cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile), ca: readFileSync(tlsCaFile) };
}
