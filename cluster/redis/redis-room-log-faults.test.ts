import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type RedisServer, startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { ContractRoom, newRecord, randomRoom } from '../contract/room.contract.ts';
import { type AppendResult, type RoomLog, StoreError } from '../room-log.ts';
import { nodeInfo } from '../testing/node-info.ts';
import { openRedisEngines } from './redis-engines.ts';
import { slotOf, tagOf } from './tags.ts';
import { startOneWayRelay } from './testing/one-way-relay.ts';
import { type OpenRedisLog, openRedisLog } from './testing/open-redis-log.ts';

const kindOf = (error: unknown) => (error instanceof StoreError ? error.kind : error);
const up = (log: RoomLog) => eventually(() => log.state === 'up', 'Redis is reached again');
const seqsOf = (results: readonly AppendResult[]) =>
  results.map((it) => (it.outcome === 'appended' ? it.seq : it.outcome));

/** Of a room that lost what it had. */
async function isAnotherLog(opened: OpenRedisLog, room: string, epoch: string): Promise<boolean> {
  const [memory] = await opened.log.open([room]);
  return memory!.head.epoch !== epoch;
}

describe.skipIf(!requireOrSkip('redis')).concurrent('the room log when Redis fails', () => {
  test('an append whose answer is lost is unknown, and its retry is the same append', async () => {
    await using redis = await startRedis();
    await using relay = await startOneWayRelay(redis.port);
    await using opened = await openRedisLog(`redis://127.0.0.1:${relay.port}`);
    await using direct = await openRedisLog(redis.url);
    const room = new ContractRoom(opened.log);
    await room.message();
    relay.holdAnswers();
    const record = newRecord(room.name, { clientId: 'c1' });
    const lost = opened.log.append([record]).catch(kindOf);
    const isThere = async () => (await direct.log.open([room.name]))[0]?.head.seq === 2;
    await eventually(isThere, 'it is carried out');
    relay.cut();
    expect(await lost).toBe('unknown');
    await up(opened.log);
    const [retried] = await opened.log.append([record]);
    expect(retried).toMatchObject({ seq: 2, messageId: record.messageId, duplicate: true });
  });

  test('while it cannot be reached everything fails as away at once, and works again by itself', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using opened = await openRedisLog(redis.url);
    const { log } = opened;
    const room = new ContractRoom(log);
    const told: string[] = [];
    log.events.on('stateChanged', ({ state }) => told.push(state));
    log.events.on('rewound', () => told.push('rewound'));
    await room.message();
    await redis.kill();
    await eventually(() => log.state === 'away', 'it is away');
    for (const call of [
      room.message(),
      room.read(),
      room.head(),
      log.rooms('', 1),
      log.trim(room.name, { beforeMs: 0, keep: 1 }),
    ]) {
      expect(await call.catch(kindOf)).toBe('away');
    }
    await redis.restart();
    await up(log);
    expect((await room.message()).seq).toBe(2);
    expect(told).toEqual(['away', 'up', 'rewound']);
  });

  test('a Redis that is stopped answers nobody: appends are unknown within the deadline, reads away', async () => {
    await using redis = await startRedis();
    await using opened = await openRedisLog(redis.url, { deadlineMs: 300 });
    const room = new ContractRoom(opened.log);
    await room.message();
    redis.stop();
    const calls = [room.message({ clientId: 'c1' }).catch(kindOf), room.read().catch(kindOf)];
    expect(await Promise.all(calls)).toEqual(['unknown', 'away']);
    redis.cont();
    await up(opened.log);
    // What lay in the buffers of the connection that was given up may have been carried out: once.
    await room.message({ clientId: 'c1' });
    expect((await room.read()).records.filter(({ clientId }) => clientId === 'c1')).toHaveLength(1);
  });

  test('without memory appends are refused as full, what is there is read, and a trim makes space', async () => {
    await using redis = await startRedis({ maxmemory: '8mb' });
    await using opened = await openRedisLog(redis.url);
    const room = new ContractRoom(opened.log);
    const big = () => room.message({ payload: 'x'.repeat(50_000), searchText: 'word' });
    await redis.send('CONFIG SET maxmemory 8mb');
    let kind: unknown;
    for (let tries = 0; tries < 1_000 && kind === undefined; tries++) kind = await big().then(() => undefined, kindOf);
    expect(kind).toBe('full');
    const { seq, epoch } = await room.head();
    expect((await room.read({ from: { before: seq + 1 }, maxRecords: 1 })).records[0]?.seq).toBe(seq);
    expect(await room.found('word', seq + 1, 1)).toEqual([seq]);
    expect(await opened.log.count([{ room: room.name, after: 0, identity: 'bob', limit: 5 }])).toMatchObject([
      { messages: 5 },
    ]);
    const { head } = (await opened.log.open([randomRoom()]))[0]!;
    expect(head.seq).toBe(0);
    await room.trimAll({ beforeMs: 0, keep: 1 });
    expect(await opened.log.bumpEpoch(room.name, epoch)).not.toBe(epoch);
    expect((await big()).seq).toBe(seq + 1);
  });

  test('one call may fail while others of the same batch are carried out', async () => {
    await using redis = await startRedis();
    await using opened = await openRedisLog(redis.url);
    const room = randomRoom();
    const others = Array.from({ length: 64 }, () => newRecord(randomRoom()));
    await opened.log.append([newRecord(room)]);
    // Somebody else has put a text where the log's records are.
    const keys = (await redis.send('KEYS *:l:*')).split('\r\n').filter((it) => it.includes(room));
    await redis.send(`SET ${keys[0]} text`);
    const results = await opened.log.append([...others, newRecord(room)]);
    expect(seqsOf(results)).toEqual([...others.map(() => 1), 'failed']);
    expect(results.at(-1)).toMatchObject({ error: { kind: 'corrupt' } });
    expect(await opened.log.append([newRecord(room)]).catch(kindOf)).toBe('corrupt');
  });

  test('scripts that Redis has forgotten are brought back, and no call is carried out twice or out of order', async () => {
    await using redis = await startRedis();
    await using opened = await openRedisLog(redis.url);
    const room = new ContractRoom(opened.log);
    await room.message();
    const appended: string[] = [];
    for (let round = 0; round < 10; round++) {
      await redis.send('SCRIPT FLUSH');
      const ids = Array.from({ length: 5 }, (_, at) => `c${round}-${at}`);
      const tries = await Promise.all(ids.map((clientId) => room.message({ clientId }).then(() => clientId, kindOf)));
      expect(tries.filter((it) => it !== 'away')).toEqual(ids.filter((id) => tries.includes(id)));
      appended.push(...ids.filter((id) => tries.includes(id)));
      await up(opened.log);
    }
    await room.message({ clientId: 'last' });
    const { records } = await room.read();
    expect(records.map(({ clientId }) => clientId).slice(1)).toEqual([...appended, 'last']);
  });

  test('a Redis that comes back empty has other epochs, and says that it may have', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using opened = await openRedisLog(redis.url);
    const room = new ContractRoom(opened.log);
    const { epoch } = await room.message();
    const unwritten = randomRoom();
    const [before] = await opened.log.open([unwritten]);
    let rewound = 0;
    opened.log.events.on('rewound', () => (rewound += 1));
    await redis.restart({ empty: true });
    await eventually(() => rewound === 1 && opened.log.state === 'up', 'it is said');
    expect(await isAnotherLog(opened, room.name, epoch)).toBe(true);
    expect(await isAnotherLog(opened, unwritten, before!.head.epoch)).toBe(true);
    expect(await room.message()).toMatchObject({ seq: 1 });
  });

  test('a Redis that is emptied while it runs is noticed by the beat of the node', async () => {
    await using redis = await startRedis();
    const engines = await openRedisEngines({
      ...{ url: redis.url, prefix: 'test', name: 'one', leaseMs: 1_000, beatMs: 50, durability: 'auto' },
      log: silentLogger,
    });
    const { roomLog, directory } = engines;
    expect(roomLog.durability).toBe('memory');
    await directory.nodes.start(() => nodeInfo('one'));
    const room = new ContractRoom(roomLog);
    const { epoch } = await room.message();
    let rewound = 0;
    roomLog.events.on('rewound', () => (rewound += 1));
    await redis.send('FLUSHALL');
    await eventually(() => rewound > 0, 'it is noticed');
    expect(await room.message()).toMatchObject({ seq: 1, epoch: expect.not.stringMatching(epoch) });
    await roomLog.close();
    await engines.bus.close();
    await directory.close();
    await engines.close();
  });

  test('an older copy that others write past is told by the id of the record before', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using mine = await openRedisLog(redis.url);
    await using other = await openRedisLog(redis.url, { origin: 'other~2' });
    const room = randomRoom();
    await mine.log.append([newRecord(room)]);
    const copy = await redis.copy();
    const lost = newRecord(room);
    await mine.log.append([lost]);
    await redis.restart({ from: copy });
    await Promise.all([up(mine.log), up(other.log)]);
    const instead = newRecord(room);
    expect(await other.log.append([instead])).toMatchObject([{ seq: 2 }]);
    const [next] = await mine.log.append([newRecord(room)]);
    expect(next).toMatchObject({ seq: 3, previousId: instead.messageId });
    const [page] = await mine.log.read([{ room, from: { after: 2 }, maxRecords: 1, maxBytes: 1 }]);
    expect(page!.fingerprint).not.toBe(lost.messageId);
  });

  test('followers are told when pushes may be lost, once nothing can be lost any more', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using opened = await openRedisLog(redis.url);
    const room = randomRoom();
    const told: string[] = [];
    await opened.log.follow(room, {
      pushed: ({ firstSeq }) => told.push(`pushed ${firstSeq}`),
      trimmed: () => {},
      interrupted: () => told.push('interrupted'),
    });
    await redis.restart();
    await eventually(() => told.length > 0, 'it is told');
    await up(opened.log);
    await opened.log.append([newRecord(room)]);
    await eventually(() => told.length > 1, 'the push');
    expect(told).toEqual(['interrupted', 'pushed 1']);
  });

  test('SIGKILL under load loses nothing that was answered where each answer waits for the disk', async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using opened = await openRedisLog(redis.url);
    const room = randomRoom();
    const answered: string[] = [];
    const load = Array.from({ length: 200 }, async () => {
      const record = newRecord(room);
      await opened.log.append([record]).then(
        () => answered.push(record.messageId),
        () => {},
      );
      if (answered.length === 50) await redis.kill();
    });
    await Promise.all(load);
    await redis.restart();
    await up(opened.log);
    const [page] = await opened.log.read([{ room, from: { after: 0 }, maxRecords: 999, maxBytes: 999_999 }]);
    const there = new Set(page!.records.map(({ messageId }) => messageId as string));
    expect(answered.filter((id) => !there.has(id))).toEqual([]);
    expect(answered.length).toBeGreaterThanOrEqual(50);
  });

  test('when everything was trimmed nothing is left of a room but its head and what is still remembered', async () => {
    await using redis = await startRedis();
    await using opened = await openRedisLog(redis.url);
    const room = new ContractRoom(opened.log);
    const { messageId: target } = await room.message({ clientId: 'c1', mentions: ['bob'], facts: { key: 'value' } });
    await room.message({ threadId: target, atMs: Date.now(), clientId: 'c2', facts: { key: null } });
    await room.amend({ kind: 'replace', target, payload: 'new', searchText: 'new' });
    await room.amend({ kind: 'mark', target, key: '+1', member: 'bob', maxKeys: 1 });
    await room.log.append(Array.from({ length: 1_500 }, () => newRecord(room.name)));
    await room.log.mark([{ room: room.name, identity: 'ann', delivered: 1, read: 1 }]);
    await room.trimAll({ beforeMs: Date.now() + 1, keep: 0 });
    const keys = (await redis.send('KEYS *')).match(/test:\S+/g) ?? [];
    const kinds = keys.map((key) => key.split(':')[2]).sort();
    // The list that is in use keeps its places.
    expect(kinds).toEqual(['d', 'dx', 'l', 'm', 's', 'sec']);
    const ttls = await Promise.all(keys.filter((key) => /:dx?:/.test(key)).map((key) => redis.send(`TTL ${key}`)));
    for (const ttl of ttls) expect(Number(ttl.slice(1))).toBeGreaterThan(24 * 3600);
    expect((await room.message()).seq).toBe(1_505);
  });

  test('a cluster of which one master is away serves the rooms of the others, and fails the records of that one alone', async () => {
    await using cluster = await startRedisCluster(3);
    await using opened = await openRedisLog(cluster.url, { deadlineMs: 500 });
    // Otherwise all masters refuse all keys.
    for (const master of cluster.masters) await master.send('CONFIG SET cluster-require-full-coverage no');
    const records = Array.from({ length: 30 }, () => newRecord(randomRoom()));
    await opened.log.append(records);
    await cluster.masters[2]!.kill();
    await eventually(() => opened.log.state === 'away', 'a part is away');
    const results = await opened.log.append(records.map(({ room }) => newRecord(room)));
    const seqs = seqsOf(results);
    expect(new Set(seqs)).toEqual(new Set([2, 'failed']));
    for (const it of results) if (it.outcome === 'failed') expect(it.error.kind).toBe('away');
    await cluster.masters[2]!.restart();
  });

  test('while a slot moves from one master to another its rooms are away, and they go on as they were', async () => {
    await using cluster = await startRedisCluster(3);
    await using opened = await openRedisLog(cluster.url);
    const room = new ContractRoom(opened.log);
    for (let message = 1; message <= 3; message++) await room.message({ clientId: `c${message}` });
    const slot = slotOf(`{${tagOf(room.name)}}`);
    const from = cluster.masters[Math.floor((slot * 3) / 16_384)]!;
    const to = cluster.masters.find((master) => master !== from)!;
    const idOf = async (master: RedisServer) => (await master.send('CLUSTER MYID')).split('\r\n')[1]!;
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.send(`CLUSTER SETSLOT ${slot} IMPORTING ${fromId}`);
    await from.send(`CLUSTER SETSLOT ${slot} MIGRATING ${toId}`);
    const keys = (await from.send(`CLUSTER GETKEYSINSLOT ${slot} 100`)).match(/test:\S+/g) ?? [];
    for (const key of keys) {
      expect(await room.message().catch(kindOf)).toBe('away');
      expect(await room.read().catch(kindOf)).toBe('away');
      expect(await from.send(`MIGRATE 127.0.0.1 ${to.port} ${key} 0 5000`)).toBe('+OK\r\n');
    }
    for (const master of [to, from]) await master.send(`CLUSTER SETSLOT ${slot} NODE ${toId}`);
    const goesOn = () => room.message({ clientId: 'c4' }).catch(() => undefined);
    expect(await eventually(goesOn, 'the map is read anew')).toMatchObject({ seq: 4, duplicate: false });
    expect(await room.message({ clientId: 'c2' })).toMatchObject({ seq: 2, duplicate: true });
    expect((await room.read()).records).toHaveLength(4);
  });

  test('records that somebody else has deleted are missed: the room is corrupt, and does not begin anew', async () => {
    await using redis = await startRedis();
    await using opened = await openRedisLog(redis.url);
    const room = new ContractRoom(opened.log);
    await room.message();
    for (const key of (await redis.send('KEYS *:l:*')).match(/test:\S+/g) ?? []) await redis.send(`DEL ${key}`);
    expect(await room.message().catch(kindOf)).toBe('corrupt');
    expect((await room.head()).seq).toBe(1);
    expect(await redis.send('KEYS *:l:*')).toBe('*0\r\n');
  });
});
