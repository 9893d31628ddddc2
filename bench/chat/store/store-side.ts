// The log on disk alone, in a process of its own: appends in groups, as the server makes them, and what the disk does by itself.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NewRecord, RoomLog } from '../../../cluster/room-log.ts';
import { openSqliteRoomLog } from '../../../cluster/sqlite/sqlite-room-log.ts';
import { createMessageId } from '../../../core/ids.ts';
import { answerCalls } from '../../support/child-calls.ts';
import { quantile } from '../../support/statistics.ts';

export interface StoreOrder {
  readonly rooms: number;
  readonly textBytes: number;
  /** Of one call at most. */
  readonly group: number;
  /** Due at fixed times; 0: as many as it takes. */
  readonly perSecond: number;
  readonly durationMs: number;
}

export interface StoreResult {
  readonly seconds: number;
  readonly appends: number;
  readonly calls: number;
  readonly cpuSeconds: number;
  /** From when it was due, or was handed over. */
  readonly p50: number;
  readonly p99: number;
}

export type StoreSide = {
  open(folder: string): Promise<void>;
  append(order: StoreOrder): Promise<StoreResult>;
  /** Writes so many bytes behind the last ones and waits for the disk, over and over: a group each. */
  sync(order: { folder: string; bytes: number; durationMs: number }): StoreResult;
};

/** As the server: the next one is under way while the answer of the first is told. */
const callsInFlight = 2;
let roomLog: RoomLog | undefined;
let lastId = 0;

function newRecord(room: number, text: string): NewRecord {
  return {
    room: `room-${room}`,
    messageId: createMessageId(),
    kind: 'message',
    sender: 'somebody',
    clientId: String(++lastId),
    contentHash: String(lastId),
    atMs: Date.now(),
    payload: JSON.stringify({ name: 'somebody', text }),
    searchText: text,
    mentions: [],
    threadId: '',
  };
}

async function append({ rooms, textBytes, group, perSecond, durationMs }: StoreOrder): Promise<StoreResult> {
  const log = roomLog;
  if (!log) throw new Error('no store is open');
  const text = 'word '.repeat(textBytes / 5);
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + durationMs;
  const delays: number[] = [];
  let taken = 0;
  let calls = 0;
  const work = async () => {
    while (performance.now() < endMs) {
      const nowMs = performance.now();
      const due = perSecond === 0 ? group : Math.floor(((nowMs - startedMs) * perSecond) / 1000) - taken;
      const count = Math.min(group, due);
      if (count <= 0) {
        await delay(1);
        continue;
      }
      const from = taken;
      taken += count;
      calls++;
      await log.append(Array.from({ length: count }, (_, at) => newRecord((from + at) % rooms, text)));
      const doneMs = performance.now();
      for (let at = from; at < from + count; at++) {
        delays.push(doneMs - (perSecond === 0 ? nowMs : startedMs + ((at + 1) * 1000) / perSecond));
      }
    }
  };
  await Promise.all(Array.from({ length: callsInFlight }, work));
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    appends: taken,
    calls,
    cpuSeconds: (user + system) / 1e6,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
  };
}

function sync({ folder, bytes, durationMs }: { folder: string; bytes: number; durationMs: number }): StoreResult {
  const file = openSync(join(folder, 'raw'), 'a');
  const group = Buffer.alloc(bytes, 'x');
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const delays: number[] = [];
  for (let nowMs = startedMs; nowMs < startedMs + durationMs; ) {
    writeSync(file, group);
    fdatasyncSync(file);
    const doneMs = performance.now();
    delays.push(doneMs - nowMs);
    nowMs = doneMs;
  }
  closeSync(file);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    appends: delays.length,
    calls: delays.length,
    cpuSeconds: (user + system) / 1e6,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
  };
}

answerCalls(
  {
    async open(folder) {
      roomLog = await openSqliteRoomLog({ folder, durability: 'disk' });
    },
    append,
    sync,
  } satisfies StoreSide,
  () => roomLog?.close(),
);
