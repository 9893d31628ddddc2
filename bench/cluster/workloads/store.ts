// What a message takes of the memory of Redis, and whether appending costs more in a room that has much already.

import { openRedisEngines, type RedisEngines } from '../../../cluster/redis/redis-engines.ts';
import type { NewRecord, RoomLog } from '../../../cluster/room-log.ts';
import { createMessageId } from '../../../core/ids.ts';
import { silentLogger } from '../../../core/log.ts';
import { type RedisServer, startRedis } from '../../../test/support/redis-server.ts';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import type { Effort, Findings, Goal } from '../../support/findings.ts';
import { pin, serverCore } from '../../support/pin.ts';
import { median } from '../../support/statistics.ts';

const textBytes = 100;
/** As many as a call of the log carries. */
const group = 64;
/** Measured from there on. */
const depths = [0, 10_000, 100_000];
const window = 2_048;
/** What appending among many may cost of what it costs among few. */
const flat = 1.25;
const spread = { rooms: 1_000, each: 20 };

interface Cost {
  readonly usPerRecord: number;
  readonly p50: number;
}

interface Round {
  readonly costs: readonly Cost[];
  readonly bytesInOne: number;
  readonly bytesInMany: number;
}

export async function store({ rounds, quick, step }: Effort): Promise<Findings> {
  const wanted = quick ? depths.slice(0, 2) : depths;
  const found: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    step(`round ${round} of ${rounds}`);
    await using redis = await startRedis();
    pin(redis.pid, serverCore);
    const engines = await open(redis);
    try {
      found.push(await measure(engines.roomLog, redis, wanted));
    } finally {
      await engines.roomLog.close();
      await engines.bus.close();
      await engines.directory.close();
      await engines.close();
    }
  }
  return toFindings(found, wanted);
}

function open({ url }: RedisServer): Promise<RedisEngines> {
  const lease = { leaseMs: 10_000, beatMs: 2_000 };
  return openRedisEngines({ url, prefix: 'bench', name: 'bench', durability: 'auto', log: silentLogger, ...lease });
}

async function measure(log: RoomLog, redis: RedisServer, wanted: readonly number[]): Promise<Round> {
  const before = await usedBytes(redis);
  for (let at = 0; at < spread.rooms * spread.each; at += group) {
    await log.append(Array.from({ length: group }, (_, index) => record(`room-${(at + index) % spread.rooms}`)));
  }
  const bytesInMany = ((await usedBytes(redis)) - before) / (spread.rooms * spread.each);
  const beforeOne = await usedBytes(redis);
  const costs: Cost[] = [];
  let appended = 0;
  const appendGroup = async () => {
    await log.append(Array.from({ length: group }, () => record('one')));
    appended += group;
  };
  for (const depth of wanted) {
    while (appended < depth) await appendGroup();
    const tookMs: number[] = [];
    const [fromSeconds, from] = [processCpuSeconds(redis.pid), appended];
    while (appended < from + window) {
      const startedMs = performance.now();
      await appendGroup();
      tookMs.push(performance.now() - startedMs);
    }
    const usPerRecord = (1e6 * (processCpuSeconds(redis.pid) - fromSeconds)) / (appended - from);
    costs.push({ usPerRecord, p50: median(tookMs) });
  }
  return { costs, bytesInMany, bytesInOne: ((await usedBytes(redis)) - beforeOne) / appended };
}

let records = 0;

function record(room: string): NewRecord {
  const text = `message ${records++} `.padEnd(textBytes, 'of people who talk about work ');
  return {
    room,
    messageId: createMessageId(),
    kind: 'message',
    sender: `person-${records % 50}`,
    clientId: `client-${records}`,
    contentHash: `hash-${records}`.padEnd(43, 'h'),
    atMs: Date.now(),
    payload: JSON.stringify({ name: 'Somebody', message: { text, mentions: [] } }),
    searchText: text,
    mentions: [],
    threadId: '',
  };
}

async function usedBytes(redis: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.send('INFO memory'))?.[1]);
}

function toFindings(found: readonly Round[], wanted: readonly number[]): Findings {
  const of = (figure: (round: Round) => number) => median(found.map(figure));
  const costAt = (at: number) => of(({ costs }) => costs[at]?.usPerRecord ?? Number.NaN);
  const count = (value: number) => value.toLocaleString('en');
  const last = wanted.length - 1;
  const share = costAt(last) / costAt(1);
  const goals: Goal[] =
    last > 1
      ? [
          {
            name: 'store flat',
            workload: 'store',
            goal: `appending to a room of ${count(wanted[last] ?? 0)} records costs as in one of ${count(wanted[1] ?? 0)}, within ${Math.round(100 * (flat - 1))} %`,
            measured: `${share.toFixed(2)} of it`,
            reached: share <= flat,
          },
        ]
      : [];
  const right = 'right' as const;
  return {
    title: 'The log in Redis',
    method: `Messages with ${textBytes} bytes of text, their client ids, their author’s name and their words to search included, ${group} a call. Redis’ own account of memory, and its CPU time.`,
    table: {
      columns: [{ title: 'what' }, { title: 'measured', align: right }, { title: 'call p50 ms', align: right }],
      rows: [
        ['bytes of Redis a message, in one room', of(({ bytesInOne }) => bytesInOne).toFixed(0), ''],
        [
          `bytes of Redis a message, in ${count(spread.rooms)} rooms of ${spread.each}`,
          of(({ bytesInMany }) => bytesInMany).toFixed(0),
          '',
        ],
        ...wanted.map((depth, at) => [
          `Redis µs a record, in a room that has ${count(depth)}`,
          costAt(at).toFixed(1),
          of(({ costs }) => costs[at]?.p50 ?? Number.NaN).toFixed(2),
        ]),
      ],
    },
    goals,
    notes: [],
    results: { depths: wanted, rounds: found },
  };
}
