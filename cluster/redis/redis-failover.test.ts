// What becomes of rooms and nodes when the master of a shard is gone and its replica takes its place.

import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { newRecord } from '../contract/room.contract.ts';
import { type AppendResult, type NewRecord, type RoomLog, StoreError } from '../room-log.ts';
import { roomKey, slotOf } from './tags.ts';
import { type OpenRedisLog, openRedisLog } from './testing/open-redis-log.ts';
import { redisNodes } from './testing/redis-nodes.ts';
import { startReplicatedCluster } from './testing/start-replicated-cluster.ts';

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
