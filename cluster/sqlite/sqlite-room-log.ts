// The room log in a folder: one SQLite database, in a thread of its own, because a disk that is slow stops nobody else then.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type Logger, silentLogger } from '../../core/log.ts';
import { ofOneProcess } from '../of-one-process.ts';
import type { RoomLog } from '../room-log.ts';
import { lockFolder } from './folder-lock.ts';
import { packRecords, unpackAnswers } from './packed-appends.ts';
import { databaseName } from './read-only.ts';
import { StoreThread, storeEntry } from './store-thread.ts';

export interface SqliteRoomLogOptions {
  readonly folder: string;
  /** `disk`: an answered append survives a power cut. `process`: it survives a crash of the server. */
  readonly durability: 'disk' | 'process';
  readonly log?: Logger;
  readonly clock?: Clock;
  /** A limit of the database in pages of 4 KB. */
  readonly maxPages?: number | undefined;
  /** How long a text that was erased may still lie in the files; less in tests. */
  readonly scrubAfterMs?: number;
}

/** Larger files are not read as a whole when the server starts: that would be a second or more. */
const checkUpToBytes = 256 * 1024 * 1024;
/** So many rooms are looked at in one go; appends that wait come in between. */
const roomsAtOnce = 32;
/** One row each. */
const marksAtOnce = 256;

/** @throws {StoreError} with a sentence for the operator when the folder is in use or the file cannot be read. */
export async function openSqliteRoomLog(options: SqliteRoomLogOptions): Promise<RoomLog> {
  const { folder, durability, log = silentLogger, clock = systemClock, maxPages, scrubAfterMs } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder);
  const database = { file: join(folder, databaseName), durability, maxPages, checkUpToBytes, scrubAfterMs };
  let thread: StoreThread;
  try {
    thread = await StoreThread.start({ database, log, clock, entry: storeEntry });
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    ...ofOneProcess,
    durability,
    append: async (records) => unpackAnswers(await thread.call('appendPacked', packRecords(records)), records),
    open: (rooms) => inPortions(rooms, (some) => thread.call('open', some)),
    read: (requests) => inPortions(requests, (some) => thread.call('read', some)),
    search: (request) => thread.call('search', request),
    trim: (room, limits) => thread.call('trim', room, limits, clock.nowMs()),
    bumpEpoch: (room, epoch) => thread.call('bumpEpoch', room, epoch),
    mark: (watermarks) => thread.call('mark', watermarks),
    watermarks: (room) => thread.call('watermarks', room),
    watermarksOf: (who) => inPortions(who, (some) => thread.call('watermarksOf', some), marksAtOnce),
    count: (requests) => inPortions(requests, (some) => thread.call('count', some)),
    rooms: (after, limit) => thread.call('rooms', after, limit),
    close: async () => {
      await thread.close();
      lock.release();
    },
  };
}

async function inPortions<Item, Result>(
  items: readonly Item[],
  work: (some: readonly Item[]) => Promise<readonly Result[]>,
  atOnce = roomsAtOnce,
): Promise<readonly Result[]> {
  if (items.length <= atOnce) return work(items);
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    results.push(...(await work(items.slice(from, from + atOnce))));
  }
  return results;
}
