import { describe, expect, test } from 'vitest';
import { systemClock as clock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startServer } from '../../test/support/start-server.ts';
import { createApp } from '../app.ts';
import { createConfig } from '../config.ts';
import { openEngines } from './open-engines.ts';

const canRun = requireOrSkip('redis') && requireOrSkip('mediasoup');

describe.skipIf(!canRun)('a server with redis.url', () => {
  test('is one node of those that share the Redis, from its start to its end', async () => {
    await using redis = await startRedis({ aof: 'always' });
    const watcherConfig = createConfig({ dev: true, redis: { url: redis.url }, node: { name: 'watcher' } });
    const watcher = await openEngines(watcherConfig, { clock, log: silentLogger, othersAreUp: async () => false });
    expect(watcher.roomLog.durability).toBe('disk');
    const { nodes } = watcher.directory;
    await nodes.start(() => ({ ...unknown, name: 'watcher' }));
    {
      await using _ = await startServer({ redis: { url: redis.url }, node: { name: 'one' } });
      await eventually(
        () => [...nodes.others.values()].some(({ name, ready }) => name === 'one' && ready),
        'it is known',
      );
    }
    await eventually(() => nodes.others.size === 0, 'it is known to be gone');
    await watcher.directory.close();
    await watcher.roomLog.close();
    await watcher.close?.();
    const clients = (await redis.send('CLIENT LIST')).split('\n').filter((line) => line.startsWith('id='));
    expect(clients).toHaveLength(1);
  });

  test('does not start when that cannot be reached, and says why', async () => {
    const config = createConfig({ dev: true, gateway: { port: 0 }, redis: { url: 'redis://127.0.0.1:1' } });
    await expect(createApp(config, { log: silentLogger }).start()).rejects.toMatchObject({ step: 'opening Redis' });
  });
});

const unknown = {
  ...{ name: '', region: '', publicUrl: '', rpcAddress: '', pipeAddress: '', version: '0' },
  ...{ ready: true, draining: false, cores: 1, load: 0, promised: 0, rooms: 0, peers: 0 },
};
