import { describe, expect, test } from 'vitest';
import { startRedis, startRedisCluster } from './redis-server.ts';
import { requireOrSkip } from './require.ts';

describe.skipIf(!requireOrSkip('redis'))('a Redis for a test', () => {
  test('comes back with its files, empty, or as it was when it was copied', async () => {
    await using redis = await startRedis({ aof: 'always' });
    expect(await redis.send('SET key 1')).toBe('+OK\r\n');
    const copy = await redis.copy();
    await redis.send('SET key 2');
    await redis.restart();
    expect(await redis.send('GET key')).toContain('2');
    await redis.restart({ from: copy });
    expect(await redis.send('GET key')).toContain('1');
    await redis.restart({ empty: true });
    expect(await redis.send('GET key')).toBe('$-1\r\n');
  });

  test('is a cluster of masters that share the slots', async () => {
    await using cluster = await startRedisCluster(3);
    const answers = await Promise.all(cluster.masters.map((master) => master.send('SET key 1')));
    expect(answers.filter((it) => it.startsWith('+OK'))).toHaveLength(1);
    expect(answers.filter((it) => it.startsWith('-MOVED'))).toHaveLength(2);
  });
});
