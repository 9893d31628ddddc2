// Several servers in processes of their own that are one cluster over a real Redis.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '../../core/scope.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { eventually } from './eventually.ts';
import type { HostNetworks, NodeHost } from './host-networks.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts';
import { ServerProcess } from './server-process.ts';
import { startTcpRelay, type TcpRelay } from './tcp-relay.ts';

export interface ClusterOptions {
  readonly nodes: number;
  /** Each node is a process that can be killed and stopped by itself. */
  readonly as: 'processes';
  /** `relays`: each node reaches Redis through one of its own, which cuts that node off from Redis alone. */
  readonly through?: 'relays';
  /** Of every node, as in `gateway.pullBytes=100000`. */
  readonly options?: readonly string[];
  readonly redis?: RedisServerOptions;
  /** Redis and each node run on a host of their own, and call each other through these. */
  readonly networks?: HostNetworks;
  /** The environment of the node at that place, besides its own. */
  readonly envOf?: (place: number) => Readonly<Record<string, string>>;
}

/**
 * ```ts
 * await using cluster = await startCluster({ nodes: 3, as: 'processes' });
 * await cluster.node(1).kill();
 * ```
 */
export interface TestCluster extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly nodes: readonly ServerProcess[];
  /** Between each node and Redis; only `through` relays. */
  readonly relays: readonly TcpRelay[];
  node(place: number): ServerProcess;
  /** For clients that begin with the node at that place. */
  urlsFrom(place: number): string[];
  /** Good on every node. */
  tokenOf(identity: string): string;
}

/** A node that was killed is missed after the lease; long enough that one on a busy machine is not. */
const usualOptions = ['cluster.leaseMs=5000', 'cluster.beatMs=500'];

/** Resolves when each node knows all others. Needs `redis` and `mediasoup`: ask requireOrSkip before. */
export async function startCluster(given: ClusterOptions): Promise<TestCluster> {
  const parts = new Scope();
  try {
    return await start(given, parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function start(
  { nodes: count, through, options = [], redis: redisOptions, networks, envOf }: ClusterOptions,
  parts: Scope,
): Promise<TestCluster> {
  const use = <Part extends AsyncDisposable>(part: Part): Part => {
    parts.defer(async () => part[Symbol.asyncDispose]());
    return part;
  };
  const root = await mkdtemp(join(tmpdir(), 'parley-cluster-'));
  parts.defer(() => rm(root, { recursive: true, force: true }));
  const redis = use(await startRedis({ ...redisOptions, ...(networks && { host: networks.store }) }));
  const relays: TcpRelay[] = [];
  const { secret } = loadDevSecret(join(root, 'all'));
  const startNode = async (place: number): Promise<ServerProcess> => {
    const relay = through && use(await startTcpRelay(`http://127.0.0.1:${redis.port}`));
    if (relay) relays[place] = relay;
    const folder = join(root, `node-${place}`);
    await mkdir(folder);
    // Each has a folder of its own, and what tokens are signed with is the same.
    await writeFile(join(folder, 'dev-secret'), secret, { mode: 0o600 });
    const host = networks?.nodes[place];
    const node = [
      `redis.url=${relay ? relay.url.replace('http', 'redis') : redis.url}`,
      `node.name=node-${place}`,
      ...(host ? hostOptions(host) : []),
      ...usualOptions,
      ...options,
    ];
    return use(await ServerProcess.start({ folder, options: node, ...(host && { host }), env: envOf?.(place) ?? {} }));
  };
  const nodes = await Promise.all(Array.from({ length: count }, (_, place) => startNode(place)));
  const allAreKnownTo = async (node: ServerProcess) => (await node.metric('parley_cluster_nodes')) === count;
  for (const node of nodes) await eventually(() => allAreKnownTo(node), 'a node to know the others', 30_000);

  const node = (place: number): ServerProcess => {
    const found = nodes[place % count];
    if (!found) throw new Error(`there is no node ${place}`);
    return found;
  };
  return {
    redis,
    nodes,
    relays,
    node,
    urlsFrom: (first) => nodes.map((_, place) => node(first + place).wsUrl),
    tokenOf: (identity) => node(0).tokenOf(identity),
    [Symbol.asyncDispose]: () => parts.close(),
  };
}

/** Nodes call each other by the cable that is theirs alone. This machine reads their metrics from outside. */
const hostOptions = ({ address, peerAddress }: NodeHost): string[] => [
  `node.rpcHost=${peerAddress}`,
  `node.pipeListenIp=${peerAddress}`,
  `metrics.allowedAddresses=${address.replace(/\.\d+$/, '.0/24')}`,
];
