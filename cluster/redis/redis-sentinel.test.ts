import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { redisNodes } from './testing/redis-nodes.ts';
import { startSentinelGroup } from './testing/start-sentinel.ts';

describe.skipIf(!requireOrSkip('redis'))('nodes over a master that sentinels name', () => {
  test('go on with the replica when the master dies: nobody dies with it, and all is said again', async () => {
    await using redis = await startSentinelGroup();
    await using all = redisNodes(redis.url);
    const [a, b] = [await all.join('a'), await all.join('b')];
    const lives = [a, b].map((node) => node.directory.nodes.life);
    const told: string[] = [];
    for (const { directory } of [a, b]) {
      for (const name of ['died', 'reborn', 'reset'] as const) directory.nodes.events.on(name, () => told.push(name));
    }
    const place = await a.directory.rooms.enter('r', 'options');
    const heard: string[] = [];
    await b.bus.subscribe({ to: 'room', room: 'r' }, (frame) => heard.push(Buffer.from(frame).toString()));
    const isCopied = async () => (await redis.replica.send('KEYS *:o:r')).includes(':o:r');
    await eventually(isCopied, 'the replica has the room');
    await redis.master.kill();
    await eventually(() => told.filter((it) => it === 'reset').length >= 2, 'both are told', 30_000);
    const { owner, term } = place;
    expect(await b.directory.rooms.enter('r', '', { owner, term })).toMatchObject({ owner, term, options: 'options' });
    const arrives = async () => {
      await a.bus.publish({ to: 'room', room: 'r' }, Buffer.from('frame')).catch(() => {});
      return heard.length > 0;
    };
    await eventually(arrives, 'frames arrive');
    expect([a, b].map((node) => node.directory.nodes.life)).toEqual(lives);
    expect(new Set(told)).toEqual(new Set(['reset']));
  }, 60_000);
});
