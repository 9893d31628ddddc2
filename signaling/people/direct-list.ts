import type { ReadPage, RoomLog } from '../../cluster/room-log.ts';
import type { DirectInfo, LogRecord } from '../../proto/gen/types.ts';
import type { Grants } from '../grants.ts';
import { toLogHead } from '../log/log-head.ts';
import { sizeOf } from '../log/record-ring.ts';
import { toStoreProblem } from '../log/store-problem.ts';
import { toLogRecord } from '../log/stored-payload.ts';
import { loadUnread, nothingUnread } from '../log/unread.ts';
import { mayEnter } from './entry-rules.ts';
import type { ListedDirect } from './inbox.ts';

/** The newest message is looked for among so many of the newest records. */
const searchedRecords = 20;

/** Rooms that are asked for in one call whether the reader may join them. */
const leastAtOnce = 50;

/** The list ends before it is larger. */
export const maxListBytes = 256 * 1024;
/** Of an entry without its message. */
const entryBytes = 1024;

export interface DirectsReader {
  readonly identity: string;
  grantsIn(room: string): Grants;
}

/**
 * Those with the newest records first, of the rooms that the reader may join now. What was said there is for `history`.
 * @throws {AppError} STORE_UNAVAILABLE and its like, by rejection.
 */
export async function readDirects(
  roomLog: RoomLog,
  reader: DirectsReader,
  { listed, limit, nowMs }: { listed: readonly ListedDirect[]; limit: number; nowMs: number },
): Promise<DirectInfo[]> {
  const { identity } = reader;
  const granted = listed.filter(({ room }) => reader.grantsIn(room).has('join'));
  const newest = await readNewest(roomLog, granted, 1);
  const byTime = granted
    .map((direct, index) => ({ direct, atMs: newest[index]?.records[0]?.atMs ?? 0 }))
    .sort((one, other) => other.atMs - one.atMs)
    .map(({ direct }) => direct);
  const shown = await firstOpen(roomLog, byTime, { identity, limit, nowMs });
  const [pages, unread] = await Promise.all([
    readNewest(roomLog, shown, searchedRecords),
    loadUnread(
      roomLog,
      shown.map(({ room }) => ({ room, identity })),
    ),
  ]);
  const directs: DirectInfo[] = [];
  let bytes = 0;
  for (const [index, direct] of shown.entries()) {
    const page = pages[index];
    if (page === undefined) continue;
    const mayRead = reader.grantsIn(direct.room).has('history');
    const lastMessage = mayRead ? lastMessageOf(page) : undefined;
    bytes += entryBytes + (lastMessage === undefined ? 0 : sizeOf(lastMessage));
    if (bytes > maxListBytes) break;
    directs.push({
      ...direct,
      head: toLogHead(page.head, roomLog.durability),
      unread: (mayRead ? unread[index] : undefined) ?? nothingUnread,
      ...(lastMessage && { lastMessage }),
    });
  }
  return directs;
}

/** The first ones that the reader is not barred from, as many as are wanted. */
async function firstOpen(
  roomLog: RoomLog,
  directs: readonly ListedDirect[],
  { identity, limit, nowMs }: { identity: string; limit: number; nowMs: number },
): Promise<readonly ListedDirect[]> {
  const shown: ListedDirect[] = [];
  const atOnce = Math.max(limit, leastAtOnce);
  try {
    for (let start = 0; start < directs.length && shown.length < limit; start += atOnce) {
      const some = directs.slice(start, start + atOnce);
      const memories = await roomLog.open(some.map(({ room }) => room));
      for (const [index, direct] of some.entries()) {
        const facts = new Map(Object.entries(memories[index]?.facts ?? {}));
        if (mayEnter(direct.room, facts, identity, nowMs)) shown.push(direct);
      }
    }
    return shown.slice(0, limit);
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

async function readNewest(
  roomLog: RoomLog,
  directs: readonly ListedDirect[],
  maxRecords: number,
): Promise<readonly ReadPage[]> {
  if (directs.length === 0) return [];
  const from = { before: Number.MAX_SAFE_INTEGER };
  try {
    return await roomLog.read(directs.map(({ room }) => ({ room, from, maxRecords, maxBytes: 64 * 1024 })));
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

/** It may be one that was deleted: then that is what is shown. */
function lastMessageOf({ records }: ReadPage): LogRecord | undefined {
  const stored = records.findLast(({ kind }) => kind === 'message');
  return stored && toLogRecord(stored);
}
