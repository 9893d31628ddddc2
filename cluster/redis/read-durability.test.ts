import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisServer, startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { openRedisLink } from './open-redis-link.ts';
import { readDurability } from './read-durability.ts';
import { openRedisEngines } from './redis-engines.ts';
import { parseRedisUrl } from './redis-target.ts';
import { startSentinelGroup } from './testing/start-sentinel.ts';

async function durabilityOf(url: string) {
  const target = parseRedisUrl(url);
  const link = openRedisLink(target, { log: silentLogger });
  try {
    await link.whenUp();
    return await readDurability(link, target.kind);
  } finally {
    await link.close();
  }
}

describe.skipIf(!requireOrSkip('redis')).concurrent('how safely Redis keeps what it has answered', () => {
  test('is `disk` where each answer waits for the disk, and otherwise `memory`', async () => {
    await using redis = await startRedis({ aof: 'always' });
    expect(await durabilityOf(redis.url)).toBe('disk');
    await redis.send('CONFIG SET no-appendfsync-on-rewrite yes');
    expect(await durabilityOf(redis.url)).toBe('memory');
    await redis.send('CONFIG SET no-appendfsync-on-rewrite no');
    await redis.send('CONFIG SET appendfsync everysec');
    expect(await durabilityOf(redis.url)).toBe('memory');
    await redis.send('CONFIG SET appendonly no');
    expect(await durabilityOf(redis.url)).toBe('memory');
  });

  test('is `process` where it does not tell', async () => {
    await using redis = await startRedis({ aof: 'always', options: ['rename-command CONFIG ""'] });
    expect(await durabilityOf(redis.url)).toBe('process');
  });

  test('of a cluster is what the least safe of its masters says', async () => {
    await using cluster = await startRedisCluster(3, { aof: 'always' });
    expect(await durabilityOf(cluster.url)).toBe('disk');
    await cluster.masters[2]!.send('CONFIG SET appendfsync everysec');
    expect(await durabilityOf(cluster.url)).toBe('memory');
  });

  test('is `memory` where a replica may take over, which has what it has got so far', async () => {
    await using redis = await startSentinelGroup();
    for (const server of [redis.master, redis.replica]) await makeSafe(server);
    expect(await durabilityOf(redis.url)).toBe('memory');
  });

  test('is asked again when Redis is another process', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await redis.send('CONFIG SET appendfsync everysec');
    const engines = await openRedisEngines({
      ...{ url: redis.url, prefix: 'test', name: 'one', leaseMs: 1_000, beatMs: 50, durability: 'auto' },
      log: silentLogger,
    });
    const { roomLog } = engines;
    expect(roomLog.durability).toBe('memory');
    // It starts as its file of options says.
    await redis.restart();
    await eventually(() => roomLog.durability === 'disk', 'it is asked');
    await roomLog.close();
    await engines.bus.close();
    await engines.directory.close();
    await engines.close();
  });
});

async function makeSafe(server: RedisServer): Promise<void> {
  await server.send('CONFIG SET appendonly yes');
  await server.send('CONFIG SET appendfsync always');
}
