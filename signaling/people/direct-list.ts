import type { ReadPage, RoomLog } from '../../cluster/room-log.ts';
import type { RoomId } from '../../core/ids.ts';
import type { DirectInfo, LogRecord } from '../../proto/gen/types.ts';
import { toLogHead } from '../log/log-head.ts';
import { toStoreProblem } from '../log/store-problem.ts';
import { toLogRecord } from '../log/stored-payload.ts';
import { loadUnread, nothingUnread } from '../log/unread.ts';
import type { ListedDirect } from './inbox.ts';

/** The newest message is looked for among so many of the newest records. */
const searchedRecords = 20;

/** Those with the newest records first. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
export async function readDirects(
  roomLog: RoomLog,
  { identity, listed, limit }: { identity: string; listed: readonly ListedDirect[]; limit: number },
): Promise<DirectInfo[]> {
  const newest = await readNewest(roomLog, listed, 1);
  const byTime = listed
    .map((direct, index) => ({ direct, atMs: newest[index]?.records[0]?.atMs ?? 0 }))
    .sort((one, other) => other.atMs - one.atMs)
    .slice(0, limit)
    .map(({ direct }) => direct);
  const rooms: RoomId[] = byTime.map(({ room }) => room);
  const [pages, unread] = await Promise.all([
    readNewest(roomLog, byTime, searchedRecords),
    loadUnread(roomLog, rooms, identity),
  ]);
  return byTime.flatMap((direct, index) => {
    const page = pages[index];
    if (page === undefined) return [];
    const lastMessage = lastMessageOf(page);
    return {
      ...direct,
      head: toLogHead(page.head, roomLog.durability),
      unread: unread[index] ?? nothingUnread,
      ...(lastMessage && { lastMessage }),
    };
  });
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
