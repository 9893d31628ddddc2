// What a reader that was away is told: what follows its cursor, or that something is lost to it.

import type { Head } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { Cursor, RoomSync } from '../../proto/gen/types.ts';
import { type LogPage, readAfter, readFromMemory } from './log-reader.ts';
import type { Timeline } from './timeline.ts';

/** Of the records of all rooms of one answer. */
export const maxSyncBytes = 256 * 1024;
const maxRecords = 200;
/** What a read of the store takes of the budget at least, also when it leads to nothing: cursors may be forged. */
const storeReadBytes = 4 * 1024;

export interface Asked {
  readonly timeline: Timeline;
  readonly cursor: Cursor;
}

/** What can be said without the store, or how much of the store's is to be read. */
type Step = { readonly answer: RoomSync } | { readonly asked: Asked; maxBytes: number };

/**
 * The rooms share one answer: what is in memory first, then what the store has, read in one call, the same much of each room.
 * @throws {AppError} BAD_REQUEST, STORE_UNAVAILABLE and its like, by rejection.
 */
export async function syncRooms(rooms: readonly Asked[]): Promise<RoomSync[]> {
  for (const { cursor } of rooms) requireWhole('cursor.seq', cursor.seq);
  let bytes = maxSyncBytes;
  const steps = rooms.map((asked): Step => {
    const answer = answerFromMemory(asked, bytes);
    if (answer === undefined) return { asked, maxBytes: 0 };
    bytes -= answer.bytes;
    return { answer: answer.sync };
  });
  const missing = steps.filter((step) => 'asked' in step);
  const reads = missing.slice(0, Math.max(Math.floor(bytes / storeReadBytes), 0));
  for (const step of reads) step.maxBytes = Math.floor(bytes / reads.length);
  return await Promise.all(steps.map((step) => ('answer' in step ? step.answer : answerFromStore(step))));
}

function answerFromMemory(
  { timeline, cursor }: Asked,
  maxBytes: number,
): { sync: RoomSync; bytes: number } | undefined {
  const early = gapBeforeReading(cursor, timeline.head);
  if (early !== undefined) return { sync: toGap(timeline, early), bytes: 0 };
  if (maxBytes <= 0) return { sync: toNothingYet(timeline, cursor), bytes: 0 };
  const page = readFromMemory(timeline, cursor.seq, { maxRecords, maxBytes });
  return page && { sync: toRecords(timeline, cursor, page), bytes: page.bytes };
}

async function answerFromStore({ asked: { timeline, cursor }, maxBytes }: Extract<Step, { asked: Asked }>) {
  if (maxBytes === 0) return toNothingYet(timeline, cursor);
  const page = await readAfter(timeline, cursor.seq, { maxRecords, maxBytes });
  const late = gapBeforeReading(cursor, page.head);
  return late === undefined ? toRecords(timeline, cursor, page) : toGap(timeline, late);
}

function toRecords(timeline: Timeline, cursor: Cursor, page: LogPage): RoomSync {
  if (page.fingerprint !== cursor.messageId) return toGap(timeline, 'fork');
  const { room } = timeline;
  return { room, status: 'records', records: [...page.records], more: page.more, head: timeline.toLogHead() };
}

/** There is no space for it in this answer. */
function toNothingYet(timeline: Timeline, cursor: Cursor): RoomSync {
  const { room, head } = timeline;
  const atHead = cursor.seq === head.seq && cursor.messageId === head.messageId;
  return { room, status: 'records', records: [], more: !atHead, head: timeline.toLogHead() };
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

function toGap(timeline: Timeline, gapReason: NonNullable<RoomSync['gapReason']>): RoomSync {
  timeline.countGap(gapReason);
  return { room: timeline.room, status: 'gap', records: [], more: false, head: timeline.toLogHead(), gapReason };
}
