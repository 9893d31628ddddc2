import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMessageId } from '../../core/ids.ts';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { ContractRoom, change, newRecord, randomRoom } from '../contract/room.contract.ts';
import { createMemoryRoomLog } from '../memory/memory-room-log.ts';
import type { Amendment, NewRecord, RoomLog } from '../room-log.ts';
import { type OpenRedisLog, openRedisLog } from './testing/open-redis-log.ts';

const people = ['ann', 'bob', 'zoë'] as const;
const someone = fc.constantFrom(...people);
const text = fc.constantFrom('', 'red house', 'a red car', '🎉', 'house boat');
const amendment = fc.record({
  kind: fc.constantFrom('replace' as const, 'erase' as const, 'mark' as const, 'unmark' as const),
  text,
  key: fc.constantFrom('+1', '🎉', 'c'),
  member: someone,
});
const append = fc.record({
  sender: someone,
  clientId: fc.constantFrom('', '', 'c1', 'c2', 'c3'),
  contentHash: fc.constantFrom('', 'h1', 'a "hash"\nof two lines'),
  text,
  mentions: fc.subarray([...people]),
  /** Among the messages before it, from the newest; what is changed, or the thread. */
  target: fc.nat(5),
  inThread: fc.boolean(),
  isMessage: fc.boolean(),
  retryOnly: fc.constantFrom(false, false, false, true),
  fact: fc.option(fc.record({ key: fc.constantFrom('a', 'b'), value: fc.constantFrom('1', null) })),
  amendment: fc.option(amendment),
});
type Append = typeof append extends fc.Arbitrary<infer Value> ? Value : never;
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('append' as const), records: fc.array(append, { maxLength: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('trim' as const), keep: fc.nat(12), byTime: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bump' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mark' as const), identity: someone, read: fc.nat(20) }) },
);

/** Records that are there before: what comes then crosses the end of a list. */
const early = fc.constantFrom(0, 0, 0, 505, 511);

function amendmentOf({ kind, text, key, member }: NonNullable<Append['amendment']>, target: string): Amendment {
  if (kind === 'replace') return { kind, target, payload: `edited ${text}`, searchText: text };
  return kind === 'erase' ? { kind, target, payload: 'erased' } : { kind, target, key, member, maxKeys: 2 };
}

function toRecord(room: string, messages: readonly string[], it: Append, atMs: number): NewRecord {
  const target = messages.at(-1 - it.target) ?? 'm_missing';
  const parts = {
    messageId: createMessageId(),
    sender: it.sender,
    clientId: it.clientId,
    contentHash: it.contentHash,
    atMs,
    ...(it.fact && { facts: { [it.fact.key]: it.fact.value } }),
    ...(it.retryOnly && { retryOnly: true as const }),
  };
  if (it.amendment) return change(room, amendmentOf(it.amendment, target), parts);
  return newRecord(room, {
    ...parts,
    kind: it.isMessage ? 'message' : 'joined',
    searchText: it.text,
    mentions: it.mentions,
    threadId: it.inThread ? target : '',
  });
}

/** All that can be asked of a room, but its epoch. */
async function everythingOf(log: RoomLog, room: string, threads: readonly string[]): Promise<unknown> {
  const it = new ContractRoom(log, room);
  const [memory] = await log.open([room]);
  const read = async (request: object) => {
    const { head: _, ...page } = await it.read(request);
    return page;
  };
  const { epoch: _, ...head } = memory!.head;
  return {
    head,
    facts: memory!.facts,
    all: await read({}),
    pages: await Promise.all(
      [0, 3, head.seq - 7, head.seq - 2, 9_999].map((after) => read({ from: { after }, maxRecords: 3, maxBytes: 60 })),
    ),
    before: await Promise.all(
      [1, 4, head.seq - 5, head.seq, 9_999].map((before) => read({ from: { before }, maxRecords: 3, maxBytes: 60 })),
    ),
    threads: await Promise.all(threads.map((threadId) => read({ threadId, from: { before: 9_999 }, maxRecords: 2 }))),
    found: await Promise.all(
      ['red', 'hou', 'red house', 'boat x'].map((query) => log.search({ room, query, before: 9_999, limit: 3 })),
    ),
    counted: await log.count(
      people.flatMap((identity) => [0, head.seq - 4].map((after) => ({ room, after, identity, limit: 5 }))),
    ),
    watermarks: await log.watermarks(room),
    isListed: (await log.rooms('', 100_000)).includes(room),
  };
}

describe.skipIf(!requireOrSkip('redis'))('any use of the log in Redis', () => {
  let redis: RedisServer;
  let opened: OpenRedisLog;
  beforeAll(async () => {
    redis = await startRedis();
    opened = await openRedisLog(redis.url);
  });
  afterAll(async () => {
    await opened[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  test('leaves what it leaves in the engine in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), early, async (steps, records) => {
        const logs = [createMemoryRoomLog(), opened.log] as const;
        const room = randomRoom();
        const messages: string[] = [];
        let atMs = Date.now() - 60_000;
        const both = async <Result>(work: (log: RoomLog) => Promise<Result>) => {
          const [expected, actual] = [await work(logs[0]), await work(logs[1])];
          expect(actual).toEqual(expected);
        };
        const first = Array.from({ length: records }, () => newRecord(room, { atMs: 1 }));
        for (const log of logs) await log.append(first);
        for (const it of steps) {
          if (it.do === 'append') {
            const records = it.records.map((one) => toRecord(room, messages, one, ++atMs));
            messages.push(...records.filter(({ kind }) => kind === 'message').map(({ messageId }) => messageId));
            await both(async (log) =>
              (await log.append(records)).map((result) =>
                result.outcome === 'appended' ? [result.seq, result.messageId, result.atMs, result.duplicate] : result,
              ),
            );
          } else if (it.do === 'trim')
            await both((log) =>
              new ContractRoom(log, room).trimAll({
                beforeMs: it.byTime ? atMs - it.keep : 0,
                keep: it.byTime ? 0 : it.keep + 1,
              }),
            );
          else if (it.do === 'mark') {
            const mark = { room, identity: it.identity, delivered: it.read, read: it.read };
            await both((log) => log.mark([mark]));
          } else {
            for (const log of logs) await log.bumpEpoch(room, (await log.open([room]))[0]!.head.epoch);
          }
        }
        await both((log) => everythingOf(log, room, messages.slice(-4)));
      }),
      { numRuns: 100 },
    );
  });
});
