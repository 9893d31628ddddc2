// What becomes of rooms and nodes when another master takes the place of one: its replica when it is gone, by the cluster or by
// sentinels, or the one that a slot is moved to.

import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisCluster, type RedisServer, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { newRecord } from '../contract/room.contract.ts';
import { type AppendResult, type NewRecord, type RoomLog, StoreError } from '../room-log.ts';
import { roomKey, slotOf, tagOf } from './tags.ts';
import { type OpenRedisLog, openRedisLog } from './testing/open-redis-log.ts';
import { redisNodes } from './testing/redis-nodes.ts';
import { startReplicatedCluster } from './testing/start-replicated-cluster.ts';
import { startSentinelGroup } from './testing/start-sentinel.ts';

const kindOf = (error: unknown) => (error instanceof StoreError ? error.kind : error);
const failoverMs = 30_000;

/** Names of rooms, of which at least one is where `key` is and another one elsewhere. */
function roomsAround(key: string): { here: string; elsewhere: string } {
  const shardOf = (one: string) => Math.floor((slotOf(one) * 3) / 16_384);
  const names = Array.from({ length: 64 }, (_, at) => `room-${at}`);
  const isHere = (room: string) => shardOf(roomKey('test', 'o', room)) === shardOf(key);
  return { here: names.find(isHere) ?? '', elsewhere: names.find((room) => !isHere(room)) ?? '' };
}

/** Tries as a client would: the same append, until it is answered. */
const appended = (log: RoomLog, record: NewRecord): Promise<AppendResult> =>
  eventually(
    async () => {
      const [result] = await log.append([record]).catch(() => []);
      return result?.outcome === 'failed' ? undefined : result;
    },
    'it is appended',
    failoverMs,
  );

const idsOf = async ({ log }: OpenRedisLog, room: string) => {
  const [page] = await log.read([{ room, from: { after: 0 }, maxRecords: 99, maxBytes: 99_999 }]);
  return page?.records.map(({ messageId }) => messageId as string) ?? [];
};

/** Of the shard that has what is of all nodes. */
const nodesKey = 'test:{n}:nodes';

describe.skipIf(!requireOrSkip('redis')).concurrent('a Redis Cluster whose shard fails over', () => {
  test('goes on with what the replica has: nothing is lost, nobody dies, and others hear what is appended', async () => {
    await using redis = await startReplicatedCluster(nodesKey);
    const { here, elsewhere } = roomsAround(nodesKey);
    await using one = await openRedisLog(redis.url);
    await using other = await openRedisLog(redis.url, { origin: 'other~2' });
    await using all = redisNodes(redis.url);
    const [a, b] = [await all.join('a'), await all.join('b')];
    const told: string[] = [];
    for (const { directory } of [a, b]) {
      for (const name of ['died', 'reborn', 'reset'] as const) directory.nodes.events.on(name, () => told.push(name));
    }
    let rewound = 0;
    one.log.events.on('rewound', () => (rewound += 1));
    const heard: number[] = [];
    const news = {
      pushed: ({ firstSeq }: { firstSeq: number }) => heard.push(firstSeq),
      trimmed() {},
      interrupted() {},
    };
    await other.log.follow(here, news);
    const place = await a.directory.rooms.enter(here, 'options');
    const records = Array.from({ length: 3 }, (_, at) => newRecord(here, { clientId: `c${at}` }));
    await one.log.append(records);
    await redis.copied();
    await redis.master.kill();
    // Other shards are not concerned once the rest of the cluster has agreed on what is gone.
    expect(await appended(other.log, newRecord(elsewhere, { clientId: 'c' }))).toMatchObject({ seq: 1 });
    const next = newRecord(here, { clientId: 'next' });
    expect(await appended(one.log, next)).toMatchObject({ seq: 4, previousId: records[2]?.messageId });
    expect(await idsOf(one, here)).toEqual([...records, next].map(({ messageId }) => messageId));
    expect(await one.log.append([records[1] as NewRecord])).toMatchObject([{ seq: 2, duplicate: true }]);
    await eventually(() => rewound > 0, 'heads are to be compared');
    const isTold = () => told.filter((it) => it === 'reset').length >= 2;
    await eventually(isTold, 'both nodes are told', failoverMs);
    expect(new Set(told)).toEqual(new Set(['reset']));
    expect(await b.directory.rooms.enter(here, '')).toMatchObject({ owner: place.owner, term: 1, options: 'options' });
    const hearsAgain = async () => {
      await one.log.append([newRecord(here)]);
      return heard.some((seq) => seq > 4);
    };
    await eventually(hearsAgain, 'the other hears of what is appended', failoverMs);
  }, 90_000);

  test('has lost what the replica lacked: it is told by the number and the id, and no retry finds what is not there', async () => {
    const { here } = roomsAround(nodesKey);
    await using redis = await startReplicatedCluster(nodesKey);
    await using one = await openRedisLog(redis.url, { deadlineMs: 500 });
    let rewound = 0;
    one.log.events.on('rewound', () => (rewound += 1));
    const kept = newRecord(here, { clientId: 'kept' });
    await one.log.append([kept]);
    await redis.copied();
    redis.replica.stop();
    // What is on its way to it would be read after that.
    await redis.master.send('CLIENT KILL TYPE replica');
    const lost = newRecord(here, { clientId: 'lost' });
    const [answer] = await one.log.append([lost]);
    expect(answer).toMatchObject({ outcome: 'appended', seq: 2 });
    await redis.master.kill();
    redis.replica.cont();
    const head = async () => (await one.log.open([here]).catch(() => []))[0]?.head;
    const after = await eventually(head, 'the replica has taken over', failoverMs);
    expect(after).toMatchObject({ seq: 1, messageId: kept.messageId });
    await eventually(() => rewound > 0, 'heads are to be compared');
    // As a node does that knew of the second one.
    const epoch = await one.log.bumpEpoch(here, after.epoch);
    expect(epoch).not.toBe(after.epoch);
    expect(await appended(one.log, lost)).toMatchObject({
      seq: 2,
      duplicate: false,
      epoch,
      previousId: kept.messageId,
    });
  }, 90_000);

  test('a master that stood still for too long has no say any more, and what it carries out late is not in the log', async () => {
    const { here } = roomsAround(nodesKey);
    await using redis = await startReplicatedCluster(nodesKey);
    await using one = await openRedisLog(redis.url, { deadlineMs: 500 });
    const first = newRecord(here, { clientId: 'first' });
    await one.log.append([first]);
    await redis.copied();
    redis.master.stop();
    const late = newRecord(here, { clientId: 'late' });
    expect(await one.log.append([late]).catch(kindOf)).toBe('unknown');
    const next = newRecord(here, { clientId: 'next' });
    expect(await appended(one.log, next)).toMatchObject({ seq: 2 });
    redis.master.cont();
    const isReplica = async () => (await redis.master.send('ROLE')).includes('slave');
    await eventually(isReplica, 'the old master follows the new one', failoverMs);
    expect(await appended(one.log, late)).toMatchObject({ seq: 3, duplicate: false });
    expect(await idsOf(one, here)).toEqual([first, next, late].map(({ messageId }) => messageId));
  }, 90_000);
});

describe.skipIf(!requireOrSkip('redis')).concurrent('nodes over a master that sentinels name', () => {
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

describe.skipIf(!requireOrSkip('redis')).concurrent('nodes over a Redis Cluster that moves a slot', () => {
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
