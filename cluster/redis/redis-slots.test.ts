import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisCluster, type RedisServer, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { slotOf, tagOf } from './tags.ts';
import { redisNodes } from './testing/redis-nodes.ts';

/** Moves the keys of a slot to another master one by one, and the slot behind them. */
async function moveSlot({ masters }: RedisCluster, slot: number, halfway: () => Promise<void>): Promise<void> {
  const from = masters[Math.floor((slot * masters.length) / 16_384)]!;
  const to = masters.find((master) => master !== from)!;
  const idOf = async (master: RedisServer) => (await master.send('CLUSTER MYID')).split('\r\n')[1]!;
  const [fromId, toId] = [await idOf(from), await idOf(to)];
  await to.send(`CLUSTER SETSLOT ${slot} IMPORTING ${fromId}`);
  await from.send(`CLUSTER SETSLOT ${slot} MIGRATING ${toId}`);
  const keys = (await from.send(`CLUSTER GETKEYSINSLOT ${slot} 100`)).match(/test:\S+/g) ?? [];
  for (const [at, key] of keys.entries()) {
    if (at === 1) await halfway();
    expect(await from.send(`MIGRATE 127.0.0.1 ${to.port} ${key} 0 5000`)).toBe('+OK\r\n');
  }
  for (const master of [to, from]) await master.send(`CLUSTER SETSLOT ${slot} NODE ${toId}`);
}

describe.skipIf(!requireOrSkip('redis'))('nodes over a Redis Cluster that moves a slot', () => {
  test('are away while it is theirs, and none of them dies; a room is as it was when its slot has moved', async () => {
    await using redis = await startRedisCluster(3);
    await using all = redisNodes(redis.url);
    const [a, b] = [await all.join('a'), await all.join('b')];
    const told: string[] = [];
    for (const { directory } of [a, b]) {
      for (const name of ['died', 'reborn'] as const) directory.nodes.events.on(name, () => told.push(name));
    }
    const lives = [a, b].map((node) => node.directory.nodes.life);
    await a.directory.rooms.enter('r', 'options');
    await b.directory.rooms.enter('r', '');
    const { rooms } = a.directory;
    const kindOf = ({ kind }: { kind: string }) => kind;
    const enter = () => rooms.enter('r', '').catch(kindOf);
    // None of them is sent on to the other master, which has only some of the keys yet.
    const others = () => [rooms.claim('r', 1), rooms.keepControl('r', 1, 'late'), rooms.drop('r', lives[1] ?? '')];
    await moveSlot(redis, slotOf(`{${tagOf('r')}}`), async () => {
      expect(await enter()).toBe('away');
      expect(await Promise.all(others().map((call) => call.catch(kindOf)))).toEqual(['away', 'away', 'away']);
    });
    const isBack = async () => typeof (await enter()) === 'object';
    await eventually(isBack, 'the map is read anew');
    expect(await enter()).toMatchObject({ owner: lives[0], term: 1, options: 'options', control: '', nodes: lives });
    await moveSlot(redis, slotOf('{n}'), () => eventually(() => isAway(), 'both are away').then(() => {}));
    await eventually(() => [a, b].every(({ directory }) => directory.nodes.state === 'up'), 'both are back');
    // Whoever may bury by now has beaten for a lease.
    await b.kill();
    await eventually(() => told.length > 0, 'b is dead');
    expect(told).toEqual(['died']);
    expect(a.directory.nodes.life).toBe(lives[0]);

    function isAway(): boolean {
      return [a, b].every(({ directory }) => directory.nodes.state === 'away');
    }
  });
});
