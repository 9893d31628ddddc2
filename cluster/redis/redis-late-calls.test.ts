// What a Redis that stood still carries out when it goes on: calls of connections that were given up.

import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { newRecord } from '../contract/room.contract.ts';
import { StoreError } from '../room-log.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import { tagOf } from './tags.ts';
import { openRedisLog } from './testing/open-redis-log.ts';
import { type RedisNode, redisNodes } from './testing/redis-nodes.ts';

const lifeOf = (node: RedisNode) => node.directory.nodes.life;
const kindOf = (error: unknown) => (error instanceof StoreError ? error.kind : error);
const hasKey = async (redis: RedisServer, end: string) => (await redis.send('KEYS *')).includes(`${end}\r\n`);

describe.skipIf(!requireOrSkip('redis')).concurrent('calls that are carried out late', () => {
  test('are refused when the term that they were made in is over', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const [a, b] = [await all.join('a'), await all.join('b')];
    await using opened = await openRedisLog(redis.url, { deadlineMs: 500 });
    const { owner, term } = await a.directory.rooms.enter('r', '');
    await b.directory.rooms.enter('r', '');
    const { term: next } = await b.directory.rooms.claim('r', term);
    expect(owner).toBe(lifeOf(a));
    redis.stop();
    // Of who has not heard that another one owns the room.
    const unfenced = newRecord('other', { clientId: 'c1' });
    const calls = [
      opened.log.append([newRecord('r', { fence: term })]),
      opened.log.append([unfenced]),
      a.directory.rooms.claim('r', term),
      a.directory.rooms.keepControl('r', term, 'late'),
    ];
    expect(await Promise.all(calls.map((call) => call.then(() => 'answered', kindOf)))).toEqual(
      calls.map(() => 'unknown'),
    );
    redis.cont();
    const headOf = async (room: string) => (await opened.log.open([room]).catch(() => []))[0]?.head.seq;
    await eventually(async () => (await headOf('other')) === 1, 'what is not fenced is appended');
    expect(await opened.log.append([unfenced])).toMatchObject([{ seq: 1, duplicate: true }]);
    expect(await headOf('r')).toBe(0);
    const place = () => b.directory.rooms.enter('r', '').catch(() => undefined);
    expect(await eventually(place, 'b is back')).toMatchObject({ owner: lifeOf(b), term: next, control: '' });
  });

  test('a room that could not be left is left when Redis is reached again, but not one that was entered meanwhile', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const a = await all.join('a');
    for (const room of ['left', 'again']) await a.directory.rooms.enter(room, '');
    a.cut();
    const leave = (room: string) => a.directory.rooms.leave(room).then(() => 'left', kindOf);
    await eventually(async () => (await leave('left')) === 'away', 'the cut is noticed');
    expect(await leave('again')).toBe('away');
    const enter = () => a.directory.rooms.enter('again', '').catch(() => undefined);
    a.mend();
    expect(await eventually(enter, 'a is back')).toMatchObject({ owner: lifeOf(a) });
    await eventually(async () => !(await hasKey(redis, ':o:left')), 'nobody is in the room');
    expect((await a.directory.rooms.enter('again', '')).nodes).toEqual([lifeOf(a)]);
  });

  test('a frame whose fate is unknown is not heard behind a later one', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const [a, b] = [await all.join('a'), await all.join('b')];
    const heard: string[] = [];
    await b.bus.subscribe({ to: 'room', room: 'r' }, (frame) => heard.push(Buffer.from(frame).toString()));
    const say = (text: string) => a.bus.publish({ to: 'room', room: 'r' }, Buffer.from(text));
    await say('first');
    redis.stop();
    expect(await say('in between').catch(kindOf)).toBe('unknown');
    redis.cont();
    const isHeard = async () => {
      await say('last').catch(() => {});
      return heard.includes('last');
    };
    await eventually(isHeard, 'frames are heard again');
    expect(heard.lastIndexOf('in between')).toBeLessThan(heard.indexOf('last'));
  });

  test('a node that comes back after a long time hears of who died in between, though nobody is told of that any more', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const [a, b, c] = [await all.join('a'), await all.join('b'), await all.join('c')];
    const knows = (node: RedisNode, life: string) => node.directory.nodes.others.has(life);
    const lifeOfB = lifeOf(b);
    await eventually(() => knows(a, lifeOfB) && knows(c, lifeOfB), 'both know b');
    a.cut();
    await b.kill();
    await eventually(() => c.directory.nodes.others.size === 0, 'both are buried');
    await redis.send(`ZADD test:{n}:dead ${Date.now() - 3_600_000} ${lifeOfB}`);
    a.mend();
    await eventually(() => knows(c, lifeOf(a)), 'a is back');
    await eventually(() => !knows(a, lifeOfB), 'a knows that b is dead');
    expect(a.directory.nodes.isDead(lifeOfB)).toBe(true);
  });

  test('an entry of a life that never beats: it is dead after a lease, and the room goes to who is in it', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const a = await all.join('a');
    const tag = tagOf('r');
    await runDirectoryScript(a.link, 'enter', { prefix: 'test', tag }, [tag, 'r', 'ghost~1', 'options', '', 0, 0]);
    const died: string[] = [];
    a.directory.nodes.events.on('died', ({ life }) => died.push(life));
    const { owner, nodes, term } = await a.directory.rooms.enter('r', '');
    expect([owner, nodes]).toEqual(['ghost~1', ['ghost~1', lifeOf(a)]]);
    await eventually(async () => (await a.directory.rooms.enter('r', '')).owner === lifeOf(a), 'a owns it', 20_000);
    expect(await a.directory.rooms.enter('r', '')).toMatchObject({ term: term + 1, nodes: [lifeOf(a)] });
    expect(died).toEqual(['ghost~1']);
    const isSwept = async () => !(await redis.send('KEYS *')).includes('ghost~1');
    await eventually(isSwept, 'nothing is left of it', 20_000);
  });
});

describe.skipIf(!requireOrSkip('redis')).concurrent('terms', () => {
  test('of a Redis that was emptied are beyond those that a node has heard of, also of rooms that are new to it', async () => {
    await using redis = await startRedis();
    await using all = redisNodes(redis.url);
    const [a, b] = [await all.join('a'), await all.join('b')];
    await a.directory.rooms.enter('r', '');
    for (let term = 1; term < 4; term++) await a.directory.rooms.claim('r', term);
    await b.directory.rooms.enter('r', '');
    await redis.restart({ empty: true });
    const enter = () => b.directory.rooms.enter('another', '').catch(() => undefined);
    expect((await eventually(enter, 'b is back')).term).toBeGreaterThan(4);
  });
});
