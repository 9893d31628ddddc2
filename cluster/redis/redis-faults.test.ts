// What becomes of nodes when Redis fails: it stands still, dies, comes back empty or as it was before.

import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { contractLease } from '../contract/cluster.contract.ts';
import { nodeInfo } from '../testing/node-info.ts';
import { RedisNodeLeases } from './beat.ts';
import { BusProbe } from './bus-probe.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import { openRedisLink, openSubscriber } from './open-redis-link.ts';
import { parseRedisUrl } from './redis-target.ts';
import { roomKey, tagOf } from './tags.ts';
import { type RedisNode, redisNodes } from './testing/redis-nodes.ts';

const lifeOf = (node: RedisNode) => node.directory.nodes.life;

/** What a node is told, in order. */
function watch(node: RedisNode): string[] {
  const told: string[] = [];
  const { events } = node.directory.nodes;
  events.on('died', ({ life }) => told.push(`died ${life.split('~')[0]}`));
  events.on('came', ({ life }) => told.push(`came ${life.split('~')[0]}`));
  events.on('reborn', () => told.push('reborn'));
  events.on('reset', () => told.push('reset'));
  events.on('stateChanged', ({ state }) => told.push(state));
  return told;
}

async function joinAll(redis: RedisServer, ...names: string[]) {
  const all = redisNodes(redis.url);
  const nodes: RedisNode[] = [];
  for (const name of names) nodes.push(await all.join(name));
  const know = (node: RedisNode) => node.directory.nodes.others.size === names.length - 1;
  await eventually(() => nodes.every(know), 'all know each other');
  return { all, nodes, told: nodes.map(watch), [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}

const keysOf = async (redis: RedisServer) =>
  (await redis.send('KEYS *')).split('\r\n').filter((line) => line.startsWith('test:'));

describe.skipIf(!requireOrSkip('redis')).concurrent('nodes over a Redis that fails', () => {
  test('stands still for longer than a lease: all are away, and nobody dies of it', async () => {
    await using redis = await startRedis();
    await using cluster = await joinAll(redis, 'a', 'b', 'c');
    const lives = cluster.nodes.map(lifeOf);
    await cluster.nodes[0]!.directory.rooms.enter('r', '');
    redis.stop();
    await eventually(() => cluster.told.every((it) => it.includes('away')), 'all are away');
    redis.cont();
    await eventually(() => cluster.told.every((it) => it.includes('up')), 'all are back');
    // Whoever may bury by now has beaten for a lease: then the death of another one is noticed, and none before.
    await cluster.nodes[2]!.kill();
    await eventually(() => cluster.told.slice(0, 2).every((it) => it.includes('died c')), 'c is dead');
    for (const it of cluster.told) expect(it.filter((word) => /died [ab]|reborn|reset/.test(word))).toEqual([]);
    expect(cluster.nodes.map(lifeOf)).toEqual(lives);
  });

  test('is killed and started again with its file: rooms and lives are as before, and it is told as a reset', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using cluster = await joinAll(redis, 'a', 'b');
    const [a, b] = cluster.nodes;
    await a!.directory.rooms.enter('r', 'options');
    await b!.directory.rooms.enter('r', '');
    await b!.directory.rooms.claim('r', 1);
    const heard: string[] = [];
    await b!.bus.subscribe({ to: 'room', room: 'r' }, (frame) => heard.push(Buffer.from(frame).toString()));
    await redis.restart();
    await eventually(() => cluster.told.every((it) => it.includes('reset')), 'all are told');
    expect(await a!.directory.rooms.enter('r', '')).toMatchObject({ owner: lifeOf(b!), term: 2, options: 'options' });
    const arrives = async () => {
      await a!.bus.publish({ to: 'room', room: 'r' }, Buffer.from('frame')).catch(() => {});
      return heard.length > 0;
    };
    await eventually(arrives, 'the subscription holds');
    for (const it of cluster.told) expect(it.filter((word) => /died|reborn/.test(word))).toEqual([]);
  });

  test('comes back as an older copy: terms that the nodes know hold, and who is not in the copy lives on', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using cluster = await joinAll(redis, 'a');
    const [a] = cluster.nodes;
    await a!.directory.rooms.enter('r', 'options');
    const copy = await redis.copy();
    const b = await cluster.all.join('b');
    const told = watch(b);
    const life = lifeOf(b);
    await b.directory.rooms.enter('r', '');
    const { owner, term } = await b.directory.rooms.claim('r', 1);
    expect(term).toBe(2);
    await redis.restart({ from: copy });
    await eventually(() => told.includes('reset') && cluster.told[0]!.includes('reset'), 'both are told');
    expect(lifeOf(b)).toBe(life);
    expect(told).not.toContain('reborn');
    expect(await a!.directory.rooms.enter('r', '', { owner, term })).toMatchObject({ owner: life, term: 2 });
    expect((await b.directory.rooms.enter('r', '', { owner, term })).nodes).toEqual([lifeOf(a!), life]);
    await eventually(() => a!.directory.nodes.others.has(life), 'they know each other');
  });

  test('comes back as a copy in which the dead live: a life that was buried goes on as another one', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using cluster = await joinAll(redis, 'a', 'b');
    const [a, b] = cluster.nodes;
    const before = lifeOf(b!);
    const copy = await redis.copy();
    b!.cut();
    await eventually(() => cluster.told[0]!.includes('died b'), 'b is dead');
    await redis.restart({ from: copy });
    b!.mend();
    await eventually(() => cluster.told[1]!.includes('reborn'), 'b goes on as another one');
    await eventually(() => a!.directory.nodes.others.has(lifeOf(b!)), 'a sees it');
    expect(a!.directory.nodes.others.has(before)).toBe(false);
    expect(cluster.told[0]!.filter((word) => /came|died/.test(word))).toEqual(['died b', 'came b']);
  });

  test('is emptied: people are told again, and a room that is entered again has the next term', async () => {
    await using redis = await startRedis();
    await using cluster = await joinAll(redis, 'a', 'b');
    const [a, b] = cluster.nodes;
    b!.directory.users.came('ada');
    const isKnown = async () => (await a!.directory.users.whereAre(['ada'])).size === 1;
    await eventually(isKnown, 'ada is known');
    const { owner, term } = await a!.directory.rooms.enter('r', 'options');
    await redis.restart({ empty: true });
    await eventually(() => cluster.told.every((it) => it.includes('reset')), 'all are told');
    await eventually(isKnown, 'ada is known again');
    expect(await b!.directory.rooms.enter('r', 'options', { owner, term })).toMatchObject({
      owner: lifeOf(b!),
      term: 2,
    });
    expect(await a!.directory.rooms.enter('r', 'options', { owner, term })).toMatchObject({
      owner: lifeOf(b!),
      term: 2,
    });
  });

  test('carries out what a dead node had sent: it is cleared away in the end', async () => {
    await using redis = await startRedis();
    await using cluster = await joinAll(redis, 'a', 'b');
    const [, b] = cluster.nodes;
    b!.directory.users.came('ada');
    const dead = lifeOf(b!);
    redis.stop();
    const tag = tagOf('late');
    const entered = runDirectoryScript(b!.link, 'enter', { prefix: 'test', tag }, [tag, 'late', dead, '', '', 0, 0]);
    await expect(entered).rejects.toMatchObject({ kind: 'unknown' });
    await b!.kill();
    redis.cont();
    await eventually(async () => (await redis.send('KEYS *:o:late')).includes('late'), 'the late call is carried out');
    await eventually(() => cluster.told[0]!.includes('died b'), 'b is dead');
    const isGone = async () =>
      !(await keysOf(redis)).some((key) => key.includes(dead) || /:(o:late|u:ada|unswept)$/.test(key));
    await eventually(isGone, 'nothing is left of it', 20_000);
  });

  test('has no memory left: nodes go on to beat, and new ones come', async () => {
    await using redis = await startRedis({ maxmemory: '3mb' });
    await using cluster = await joinAll(redis, 'a');
    const [a] = cluster.nodes;
    const fill = (key: number) => a!.link.call('', 'set', [`fill${key}`, 'x'.repeat(50_000)]);
    let key = 0;
    await eventually(
      () =>
        fill(key++).then(
          () => false,
          (error: { code: string }) => error.code === 'OOM',
        ),
      'it is full',
    );
    const b = await cluster.all.join('b');
    await eventually(() => cluster.told[0]!.includes('came b'), 'b came');
    expect(await b.directory.rooms.enter('r', '')).toMatchObject({ owner: lifeOf(b), term: 1 });
  });
});

describe.skipIf(!requireOrSkip('redis')).concurrent('nodes', () => {
  test('leave nothing behind when they end on purpose', async () => {
    await using redis = await startRedis();
    await using cluster = await joinAll(redis, 'a', 'b');
    const [a, b] = cluster.nodes;
    for (let room = 0; room < 200; room++) await b!.directory.rooms.enter(`r${room}`, '');
    await a!.directory.rooms.enter('r0', '');
    b!.directory.users.came('ada');
    await eventually(async () => (await a!.directory.users.whereAre(['ada'])).size === 1, 'ada is known');
    await b!.directory.nodes.end();
    const left = (await keysOf(redis)).filter((key) => !key.startsWith('test:{n}:'));
    // Of each partition that a room was forgotten in, its highest term.
    const tags = Array.from({ length: 199 }, (_, room) => tagOf(`r${room + 1}`));
    expect(left.sort()).toEqual(
      [
        ...[roomKey('test', 'nr', lifeOf(a!)), roomKey('test', 'o', 'r0')].map(withTagOf('r0')),
        ...new Set(tags.map((tag) => `test:{${tag}}:terms`)),
      ].sort(),
    );
    expect(await a!.directory.rooms.enter('r0', '')).toMatchObject({ owner: lifeOf(a!), term: 2 });
  });

  /** The rooms of a life are kept where the room is. */
  const withTagOf = (room: string) => (key: string) =>
    key.replace(/\{\d+\}/, /\{\d+\}/.exec(roomKey('', '', room))?.[0] ?? '');

  test('whose burier dies before it has cleared up are cleared up by another one', async () => {
    await using redis = await startRedis();
    await using cluster = await joinAll(redis, 'a', 'b');
    const [a, b] = cluster.nodes;
    await b!.directory.rooms.enter('r', '');
    const dead = lifeOf(b!);
    await b!.kill();
    await runDirectoryScript(a!.link, 'bury', { prefix: 'test', tag: 'n' }, [dead, '*']);
    await eventually(async () => (await keysOf(redis)).every((key) => !key.includes(dead)), 'it is cleared up', 20_000);
    expect(cluster.told[0]).toEqual(['died b']);
  });

  test('are 64 at most: another one does not start', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const one = await all.join('one');
    for (let node = 1; node < 64; node++) await redis.send(`ZADD test:{n}:nodes 99999999999999 other${node}~x`);
    const late = await all.connect('late');
    await expect(late.directory.nodes.start(() => nodeInfo('late'))).rejects.toMatchObject({ kind: 'busy' });
    expect(one.directory.nodes.state).toBe('up');
  });

  test('do not start without Redis, and say so within a lease', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const node = await all.connect('a');
    redis.stop();
    await expect(node.directory.nodes.start(() => nodeInfo('a'))).rejects.toMatchObject({ kind: 'away' });
    redis.cont();
  });

  test('are isolated when others say that they are not away', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const { link, subscriber } = await all.connect('a');
    let answer: boolean | undefined = false;
    let asked = 0;
    const othersAreUp = async () => {
      if (answer === undefined) asked += 1;
      return answer;
    };
    const leases = new RedisNodeLeases({
      ...{ link, subscriber, prefix: 'test', name: 'a', log: silentLogger, othersAreUp },
      ...contractLease,
    });
    await leases.start(() => nodeInfo('a'));
    redis.stop();
    await eventually(() => leases.state === 'away', 'it is away');
    answer = true;
    await eventually(() => leases.state === 'isolated', 'it is isolated');
    const states: string[] = [];
    leases.events.on('stateChanged', ({ state }) => states.push(state));
    // None of them has an answer in time: nothing is known that was not known before.
    answer = undefined;
    await eventually(() => asked > 10, 'they are asked again and again');
    expect(states).toEqual([]);
    answer = false;
    await eventually(() => leases.state === 'away', 'others are away as well');
    answer = undefined;
    redis.cont();
    await eventually(() => leases.state === 'up', 'it is back');
    leases.stop();
  });

  test('are not disturbed by what others write to their keys and channels', async () => {
    await using redis = await startRedis();
    await using cluster = await joinAll(redis, 'a', 'b');
    const [a, b] = cluster.nodes;
    await a!.directory.rooms.enter('r', '');
    const changes: object[] = [];
    a!.directory.rooms.events.on('ownerChanged', (change) => changes.push(change));
    const heard: string[] = [];
    await a!.bus.subscribe({ to: 'room', room: 'r' }, (frame) => heard.push(Buffer.from(frame).toString()));
    await redis.send('ZADD test:{n}:nodes 99999999999999 x~1');
    await redis.send('HSET test:{n}:info x~1 no-json');
    const channel = roomKey('test', 'ch', 'r');
    for (const text of ['', '1', '1 o ', '1 o [1,2', '1 o {"a":1}', '1 o ["term","x"]', '1 d ', '2 f x', '\u0000']) {
      for (const to of [channel, 'test:{n}:ch']) await b!.link.call(to, 'publish', [to, text]);
    }
    await b!.bus.publish({ to: 'room', room: 'r' }, Buffer.from('whole'));
    await eventually(() => heard.length > 0, 'the frame');
    expect(heard).toEqual(['whole']);
    expect(changes).toEqual([]);
    expect([...a!.directory.nodes.others.keys()]).toEqual([lifeOf(b!)]);
  });

  test('hear of nothing that is published where they do not listen: the probe finds out, and they subscribe anew', async () => {
    await using one = await startRedis();
    await using other = await startRedis();
    const log = silentLogger;
    const link = openRedisLink(parseRedisUrl(one.url), { log });
    // As if Redis had lost the subscription: it is connected to, and answers.
    const subscriber = openSubscriber(parseRedisUrl(other.url), { link, log });
    await Promise.all([link.whenUp(), subscriber.whenUp()]);
    const happened: string[] = [];
    subscriber.events.on('interrupted', () => happened.push('interrupted'));
    subscriber.events.on('restored', () => happened.push('restored'));
    const probe = new BusProbe({ link, subscriber, prefix: 'test', log, probeMs: 20, lostMs: 200 });
    await eventually(() => happened.length >= 2, 'it subscribes anew');
    expect(happened.slice(0, 2)).toEqual(['interrupted', 'restored']);
    expect(probe.delayMs).toBeUndefined();
    probe.close();
    subscriber.close();
    await link.close();
  });
});
