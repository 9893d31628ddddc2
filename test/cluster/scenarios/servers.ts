// The same servers for every scenario: one by itself, or several that are one cluster over a real Redis, in this process.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '../../../core/scope.ts';
import type { PartialConfig } from '../../../server/config/schema.ts';
import { loadDevSecret } from '../../../server/identity/dev-secret.ts';
import { eventually } from '../../support/eventually.ts';
import { readMetrics } from '../../support/read-metrics.ts';
import { startRedis, startRedisCluster } from '../../support/redis-server.ts';
import { type RunningServer, startServer } from '../../support/start-server.ts';

export interface Setting {
  readonly name?: string;
  readonly nodes: number;
  /** `none`: a log in SQLite. `masters`: a Redis Cluster of three. Or one of the test's own. */
  readonly redis: 'none' | 'one' | 'masters' | { readonly url: string };
}

export const settings: readonly Setting[] = [
  { name: 'one node by itself', nodes: 1, redis: 'none' },
  { name: 'one node on Redis', nodes: 1, redis: 'one' },
  { name: 'three nodes on one Redis', nodes: 3, redis: 'one' },
  { name: 'three nodes on a Redis Cluster of three masters', nodes: 3, redis: 'masters' },
];

export interface Servers extends AsyncDisposable {
  readonly nodes: readonly RunningServer[];
  /** The node at that place; beyond the last one it begins anew. */
  node(place: number): RunningServer;
}

/** Resolves when each knows all others; their tokens are good on all. Needs `mediasoup` and `redis`. */
export async function startServers({ nodes: count, redis }: Setting, options: PartialConfig = {}): Promise<Servers> {
  const parts = new Scope();
  try {
    return await start(count, redis, options, parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** Those of each setting, started and ended at the same time: most of that is waiting. Others are known within half a second. */
export async function startAllSettings(): Promise<AsyncDisposable & { of(setting: Setting): Servers }> {
  const parts = new Scope();
  const started = await Promise.allSettled(
    settings.map(async (setting) => {
      const servers = await startServers(setting, { cluster: { beatMs: 500 } });
      parts.defer(async () => servers[Symbol.asyncDispose]());
      return [setting, servers] as const;
    }),
  );
  const failed = started.find((it) => it.status === 'rejected');
  if (failed) {
    await parts.close();
    throw failed.reason;
  }
  const all = new Map(started.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : [])));
  return {
    of(setting) {
      const found = all.get(setting);
      if (!found) throw new Error(`there are no servers ${setting.name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all.values()].map((servers) => servers[Symbol.asyncDispose]()));
    },
  };
}

async function start(count: number, redis: Setting['redis'], options: PartialConfig, parts: Scope): Promise<Servers> {
  const use = <Part extends AsyncDisposable>(part: Part): Part => {
    parts.defer(async () => part[Symbol.asyncDispose]());
    return part;
  };
  const root = await mkdtemp(join(tmpdir(), 'parley-scenarios-'));
  parts.defer(() => rm(root, { recursive: true, force: true }));
  const { secret } = loadDevSecret(join(root, 'all'));
  const redisUrl = {
    none: async () => '',
    one: async () => use(await startRedis()).url,
    masters: async () => use(await startRedisCluster()).url,
  };
  const url = typeof redis === 'object' ? redis.url : await redisUrl[redis]();
  const startNode = async (place: number): Promise<RunningServer> => {
    const dataDir = join(root, `node-${place}`);
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'dev-secret'), secret, { mode: 0o600 });
    const shared = url === '' ? {} : { redis: { ...options.redis, url }, node: { name: `node-${place}` } };
    return use(await startServer({ ...options, ...shared }, { dataDir }));
  };
  const nodes = await Promise.all(Array.from({ length: count }, (_, place) => startNode(place)));
  if (url !== '') {
    const line = `parley_cluster_nodes ${count}\n`;
    const knows = async ({ url }: RunningServer) => (await readMetrics(url)).includes(line);
    for (const node of nodes) await eventually(() => knows(node), 'a node to know the others', 30_000, 50);
  }
  const node = (place: number): RunningServer => {
    const found = nodes[place % count];
    if (!found) throw new Error(`there is no node ${place}`);
    return found;
  };
  return { nodes, node, [Symbol.asyncDispose]: () => parts.close() };
}
