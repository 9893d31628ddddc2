// What a reader that was away is told: what follows its cursor, or that something is lost to it.

import type { Head } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { Cursor, RoomSync } from '../../proto/gen/types.ts';
import { readAfter, readFromMemory } from './log-reader.ts';
import type { Timeline } from './timeline.ts';

/** Of the records of all rooms of one answer. */
export const maxSyncBytes = 256 * 1024;
const maxRecords = 200;
/** What a read of the store takes of the budget at least, also when it leads to nothing: cursors may be forged. */
const storeReadBytes = 4 * 1024;

/** What one answer has room for; the rooms of it share that. */
export class SyncBudget {
  bytes = maxSyncBytes;
}

/** @throws {AppError} BAD_REQUEST, STORE_UNAVAILABLE and its like, by rejection. */
export async function syncRoom(timeline: Timeline, cursor: Cursor, budget: SyncBudget): Promise<RoomSync> {
  requireWhole('cursor.seq', cursor.seq);
  const { room } = timeline;
  const early = gapBeforeReading(cursor, timeline.head);
  if (early !== undefined) return toGap(timeline, early);
  if (budget.bytes <= 0) {
    const { head } = timeline;
    const atHead = cursor.seq === head.seq && cursor.messageId === head.messageId;
    return { room, status: 'records', records: [], more: !atHead, head: timeline.toLogHead() };
  }
  const limits = { maxRecords, maxBytes: budget.bytes };
  const inMemory = readFromMemory(timeline, cursor.seq, limits);
  const page = inMemory ?? (await readAfter(timeline, cursor.seq, limits));
  budget.bytes -= inMemory === undefined ? Math.max(page.bytes, storeReadBytes) : page.bytes;
  const late = gapBeforeReading(cursor, page.head);
  if (late !== undefined) return toGap(timeline, late);
  if (page.fingerprint !== cursor.messageId) return toGap(timeline, 'fork');
  return { room, status: 'records', records: [...page.records], more: page.more, head: timeline.toLogHead() };
}

export function toRefused(room: string, errorReason: string): RoomSync {
  return { room, status: 'refused', records: [], more: false, errorReason };
}

/** @throws {AppError} BAD_REQUEST */
export function requireWhole(field: string, value: number | undefined): void {
  if (value !== undefined && !Number.isInteger(value)) {
    throw new AppError('BAD_REQUEST', { field, problem: 'must be a whole number' });
  }
}

function gapBeforeReading({ epoch, seq }: Cursor, head: Head): RoomSync['gapReason'] {
  if (epoch !== head.epoch) return 'epoch';
  if (seq > head.seq) return 'fork';
  if (seq < head.firstSeq - 1) return 'trimmed';
  return undefined;
}

function toGap(timeline: Timeline, gapReason: RoomSync['gapReason']): RoomSync {
  return { room: timeline.room, status: 'gap', records: [], more: false, head: timeline.toLogHead(), gapReason };
}
