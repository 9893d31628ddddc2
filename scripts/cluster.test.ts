import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../server/config.ts';
import { eventually } from '../test/support/eventually.ts';
import { readMetrics } from '../test/support/read-metrics.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { planCluster } from './cluster/plan.mjs';

const script = fileURLToPath(new URL('cluster.mjs', import.meta.url));

const wishes = {
  nodes: 3,
  port: 9_000,
  redisPort: 9_100,
  folder: '/data/cluster',
  parley: ['node', 'main.js'],
  redisServer: '/usr/bin/redis-server',
  turnServer: '/usr/bin/turnserver',
  turnPort: 9_200,
  secrets: { cluster: 'c'.repeat(43), turn: 't'.repeat(43), tokens: 'k'.repeat(43) },
};

describe('the plan of a cluster', () => {
  test('gives each node a name, a port and a folder of its own, and all of them one Redis and one secret', () => {
    const { nodes } = planCluster(wishes);
    const configs = nodes.map(({ env, args }) => {
      expect(args).toContain('--dev');
      const flags = [{ flag: '--dev', path: 'dev', text: 'true' }];
      return loadConfig({ env: { ...env, PARLEY_CONFIG: '' }, flags }).config;
    });
    expect(nodes.map(({ port }) => port)).toEqual([9_000, 9_001, 9_002]);
    expect(configs.map(({ node }) => node.name)).toEqual(['node-1', 'node-2', 'node-3']);
    expect(new Set(configs.map(({ dataDir }) => dataDir)).size).toBe(3);
    expect(new Set(configs.map(({ redis }) => redis.url))).toEqual(new Set(['redis://127.0.0.1:9100']));
    expect(new Set(nodes.map(({ contents }) => contents['dev-secret']))).toEqual(new Set(['k'.repeat(43)]));
    expect(configs[0]?.turn.urls).toHaveLength(2);
  });

  test('has no secret in a command line, where everybody on the machine can read it', () => {
    const { redis, relay, nodes } = planCluster(wishes);
    const lines = [redis, relay, ...nodes].map((it) => it?.args.join(' ')).join('\n');
    for (const secret of Object.values(wishes.secrets)) expect(lines).not.toContain(secret);
  });

  test('goes without a relay where there is no coturn', () => {
    const { relay, nodes } = planCluster({ ...wishes, turnServer: undefined });
    expect(relay).toBeUndefined();
    expect(Object.keys(nodes[0]?.env ?? {}).filter((name) => name.includes('TURN'))).toEqual([]);
  });
});

describe('scripts/cluster.mjs', () => {
  test.each([['--nodes', '0'], ['--port', '70000'], ['--what']])(
    'says how it is used when it is told %s %s',
    (...args) => {
      const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
      expect([status, stderr.includes('usage:')]).toEqual([2, true]);
    },
  );

  test.skipIf(!requireOrSkip('redis') || !requireOrSkip('mediasoup'))(
    'starts nodes that know each other, prints where they are, and leaves nothing behind after Ctrl-C',
    { timeout: 120_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'parley-cluster-script-'));
      // Two ports side by side, away from those that the system gives out.
      const port = 20_000 + Math.floor(Math.random() * 9_000);
      const child = spawn(
        process.execPath,
        [script, '--sources', '--nodes', '2', '--port', String(port), '--folder', folder],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      try {
        const said = listen(child);
        await eventually(() => said().includes('Ctrl-C') || child.exitCode !== null, 'the cluster', 90_000);
        const urls = [...said().matchAll(/http:\/\/\S+/g)].map(([url]) => url);
        expect(urls, said()).toEqual([`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`]);
        for (const url of urls) {
          const knowsBoth = async () => /^parley_cluster_nodes 2$/m.test(await readMetrics(url));
          await eventually(knowsBoth, `${url} to know both nodes`, 30_000);
        }
        expect(await readdir(folder)).toEqual(expect.arrayContaining(['node-1.log', 'node-2.log', 'redis.log']));
        const exited = once(child, 'exit');
        child.kill('SIGINT');
        expect((await exited)[0], said()).toBe(0);
        for (const url of urls) await expect(fetch(url)).rejects.toThrow();
      } finally {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});

function listen({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk));
  return () => text;
}
