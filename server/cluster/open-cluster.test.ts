import { describe, expect, test } from 'vitest';
import { MemoryCluster } from '../../cluster/memory/memory-cluster.ts';
import { nodeInfo } from '../../cluster/testing/node-info.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { findFreePort } from '../../test/support/free-port.ts';
import { ingestRequest, sdpType } from '../../test/support/ingest-client.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { readyOf } from '../../test/support/ready-of.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { sampleOffer } from '../../test/support/sdp-samples.ts';
import { startServer } from '../../test/support/start-server.ts';
import { startTcpRelay } from '../../test/support/tcp-relay.ts';
import { createApp } from '../app.ts';
import { createConfig } from '../config.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('a server that is one node of many', () => {
  test('says what it is to the others, and at its end that it is gone', async () => {
    const cluster = new MemoryCluster({ beatMs: 50, leaseMs: 60_000 });
    const watcher = cluster.join('watcher');
    await watcher.directory.nodes.start(() => nodeInfo('watcher'));
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

  test.skipIf(!requireOrSkip('redis'))('says when Redis throws away what it is to keep', async () => {
    await using redis = await startRedis({ options: ['maxmemory 100mb', 'maxmemory-policy allkeys-lru'] });
    await using server = await startServer({ redis: { url: redis.url } });
    const degraded = ['maxmemory-policy of Redis is allkeys-lru, not noeviction: messages vanish when it is full'];
    await eventually(async () => 'degraded' in (await readyOf(server)).body, 'it says so');
    expect(await readyOf(server)).toEqual({ status: 200, body: { status: 'ready', degraded } });
  });

  test('tells senders by WHIP its own address, so that they find their session past the balancer', async () => {
    const port = await findFreePort();
    const node = { publicUrl: `http://127.0.0.1:${port}` };
    const engines = new MemoryCluster().join('one');
    await using server = await startServer({ gateway: { port }, node }, { engines });
    await using balancer = await startTcpRelay(server.url);
    const token = server.issueToken({ identity: 'cam' });
    const body = sampleOffer('gstreamer-1.22-audio');
    const opened = await ingestRequest({ url: balancer.url }, 'POST', '/whip/r', { token, type: sdpType, body });
    const location = opened.headers.get('location') ?? '';
    expect([opened.status, new URL(location).origin]).toEqual([201, node.publicUrl]);
    balancer.cut();
    expect((await ingestRequest({ url: '' }, 'DELETE', location, { token })).status).toBe(200);
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

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('two servers on one Redis', () => {
  const cluster = { leaseMs: 3_000, beatMs: 200 };

  test('are both to be used when Redis is gone, and come back to it', async () => {
    await using redis = await startRedis();
    await using one = await startServer({ redis: { url: redis.url }, node: { name: 'one' }, cluster });
    await using two = await startServer({ redis: { url: redis.url }, node: { name: 'two' }, cluster });
    await redis.kill();
    const statuses = new Set<number>();
    const sayIt = async (server: { url: string }) => {
      const { status, body } = await readyOf(server);
      statuses.add(status);
      return 'degraded' in body && String(body.degraded).includes('Redis cannot be reached');
    };
    await eventually(async () => (await sayIt(one)) && (await sayIt(two)), 'both say that Redis is gone', 15_000);
    // Neither took the other one for better off, not for a moment.
    expect([...statuses]).toEqual([200]);
    await redis.restart();
    const isReady = async (server: { url: string }) => !('degraded' in (await readyOf(server)).body);
    await eventually(async () => (await isReady(one)) && (await isReady(two)), 'both are as before', 15_000);
  });

  test('one of which alone is cut off from it is not ready, and is again once it reaches it', async () => {
    await using redis = await startRedis();
    await using relay = await startTcpRelay(`http://127.0.0.1:${redis.port}`);
    const { port } = new URL(relay.url);
    await using one = await startServer({ redis: { url: redis.url }, node: { name: 'one' }, cluster });
    await using two = await startServer({
      redis: { url: `redis://127.0.0.1:${port}` },
      node: { name: 'two' },
      cluster,
    });
    // As of its own next beat it knows the other one, whom it asks.
    await eventually(async () => (await metricOf(two, 'parley_cluster_nodes')) === 2, 'two knows one');
    relay.cut();
    await eventually(async () => (await readyOf(two)).status === 503, 'two is not ready', 15_000);
    expect((await readyOf(two)).body).toMatchObject({
      reasons: expect.arrayContaining(['this node cannot reach Redis, and other nodes can']),
    });
    expect((await readyOf(one)).status).toBe(200);
    relay.mend();
    await eventually(async () => (await readyOf(two)).status === 200, 'two is ready again', 15_000);
  });
});

async function metricOf(server: { url: string }, name: string): Promise<number> {
  const text = await readMetrics(server.url);
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  );
}
