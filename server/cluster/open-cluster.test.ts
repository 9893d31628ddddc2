import { describe, expect, test } from 'vitest';
import { MemoryCluster } from '../../cluster/memory/memory-cluster.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startServer } from '../../test/support/start-server.ts';
import { createApp } from '../app.ts';
import { createConfig } from '../config.ts';

const readyOf = async (server: { url: string }) => {
  const answer = await fetch(`${server.url}/ready`);
  return { status: answer.status, body: (await answer.json()) as object };
};

describe.skipIf(!requireOrSkip('mediasoup'))('a server that is one node of many', () => {
  test('says what it is to the others, and at its end that it is gone', async () => {
    const cluster = new MemoryCluster({ beatMs: 50, leaseMs: 60_000 });
    const watcher = cluster.join('watcher');
    await watcher.directory.nodes.start(() => watcherInfo);
    const others = () => [...watcher.directory.nodes.others.values()];
    {
      const node = { name: 'one', region: 'north', publicUrl: 'https://one.example.org' };
      await using server = await startServer({ node }, { engines: cluster.join('one') });
      expect(await readyOf(server)).toEqual({ status: 200, body: { status: 'ready' } });
      await eventually(() => others()[0]?.ready, 'it is known as ready');
      expect(others()).toMatchObject([{ ...node, draining: false, rooms: 0, peers: 0 }]);
    }
    await eventually(() => others().length === 0, 'it is known to be gone');
    await watcher.directory.close();
  });

  test('is to be used though it is cut off from what the nodes share, and says so', async () => {
    const cluster = new MemoryCluster({ beatMs: 20, leaseMs: 100 });
    await using server = await startServer({}, { engines: cluster.join('one') });
    cluster.cut('one');
    const isDegraded = async () => 'degraded' in (await readyOf(server)).body;
    await eventually(isDegraded, 'it says that it is cut off');
    expect(await readyOf(server)).toEqual({
      status: 200,
      body: { status: 'ready', degraded: ['Redis cannot be reached'] },
    });
    cluster.mend('one');
    await eventually(async () => !(await isDegraded()), 'it says no more that it is cut off');
  });

  test('does not start while what the nodes share cannot be reached', async () => {
    const cluster = new MemoryCluster();
    const engines = cluster.join('one');
    cluster.cut('one');
    const media = { port: 0, workers: 1 };
    const app = createApp(createConfig({ dev: true, gateway: { port: 0 }, media }), { log: silentLogger, engines });
    await expect(app.start()).rejects.toMatchObject({ step: 'joining the other nodes' });
  });
});

const watcherInfo = {
  name: 'watcher',
  region: '',
  publicUrl: '',
  rpcAddress: '',
  pipeAddress: '',
  version: '0',
  ready: true,
  draining: false,
  cores: 1,
  load: 0,
  promised: 0,
  rooms: 0,
  peers: 0,
};
