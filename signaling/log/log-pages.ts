// Pages of a room's log, in either direction, and what a search finds in it.

import { AppError } from '../../core/errors.ts';
import type {
  LogRecord,
  ReadLogRequest,
  ReadLogResponse,
  SearchRequest,
  SearchResponse,
} from '../../proto/gen/types.ts';
import { readAfter, readFromMemory } from './log-reader.ts';
import { requireWhole } from './log-sync.ts';
import { sizeOf } from './record-ring.ts';
import { toStoreProblem } from './store-problem.ts';
import { toLogRecord } from './stored-payload.ts';
import type { Timeline } from './timeline.ts';

const defaultPageRecords = 50;
const defaultFound = 20;
const maxPageBytes = 256 * 1024;
/** What a plain chat client asks for at once is looked for in so many records. */
const maxScannedPages = 10;

type PageRequest = Omit<ReadLogRequest, 'room'>;

/** @throws {AppError} BAD_REQUEST, STORE_UNAVAILABLE and its like, by rejection. */
export async function readPage(timeline: Timeline, request: PageRequest): Promise<ReadLogResponse> {
  const { beforeSeq, afterSeq, threadId, limit } = request;
  requireWhole('beforeSeq', beforeSeq);
  requireWhole('afterSeq', afterSeq);
  const limits = { maxRecords: limit || defaultPageRecords, maxBytes: maxPageBytes };
  if (afterSeq === undefined) return await readBefore(timeline, beforeSeq, threadId, limits);
  if (beforeSeq !== undefined) {
    throw new AppError('BAD_REQUEST', { field: 'afterSeq', problem: 'cannot be given together with beforeSeq' });
  }
  if (threadId !== undefined) return await readStored(timeline, { after: afterSeq }, threadId, limits);
  const after = Math.max(afterSeq, timeline.head.firstSeq - 1);
  const { records, more } = readFromMemory(timeline, after, limits) ?? (await readAfter(timeline, after, limits));
  return { head: timeline.toLogHead(), records: [...records], more };
}

/** The newest messages that are not deleted, in the order of the log. */
export async function readMessages(
  timeline: Timeline,
  { limit, beforeSeq }: { limit: number; beforeSeq: number | undefined },
): Promise<{ messages: LogRecord[]; more: boolean }> {
  const wanted = limit || defaultPageRecords;
  const newestFirst: LogRecord[] = [];
  let before = beforeSeq;
  let bytes = 0;
  for (let pages = 0; pages < maxScannedPages; pages++) {
    const page = await readPage(timeline, { beforeSeq: before, limit: wanted });
    for (const record of page.records.reverse()) {
      if (record.message === undefined || record.message.deletedBy !== undefined) continue;
      bytes += sizeOf(record);
      const isFull = newestFirst.length >= wanted || (newestFirst.length > 0 && bytes > maxPageBytes);
      if (isFull) return { messages: newestFirst.reverse(), more: true };
      newestFirst.push(record);
    }
    before = page.records.at(-1)?.seq;
    if (!page.more || before === undefined) return { messages: newestFirst.reverse(), more: false };
  }
  return { messages: newestFirst.reverse(), more: true };
}

/** @throws {AppError} BAD_REQUEST, STORE_UNAVAILABLE and its like, by rejection. */
export async function searchLog(timeline: Timeline, request: Omit<SearchRequest, 'room'>): Promise<SearchResponse> {
  const { query, beforeSeq, limit } = request;
  requireWhole('beforeSeq', beforeSeq);
  const wanted = limit || defaultFound;
  const before = beforeSeq ?? timeline.head.seq + 1;
  const stored = await fromStore(timeline.roomLog.search({ room: timeline.room, query, before, limit: wanted + 1 }));
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const record of stored.map(toLogRecord)) {
    bytes += sizeOf(record);
    if (records.length >= wanted || (records.length > 0 && bytes > maxPageBytes)) return { records, more: true };
    records.push(record);
  }
  return { records, more: false };
}

interface Limits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

async function readBefore(
  timeline: Timeline,
  beforeSeq: number | undefined,
  threadId: string | undefined,
  limits: Limits,
): Promise<ReadLogResponse> {
  const { head, ring } = timeline;
  const before = Math.min(beforeSeq ?? head.seq + 1, head.seq + 1);
  const held = threadId === undefined ? ring.before(before, head.firstSeq, limits) : undefined;
  if (held === undefined) return await readStored(timeline, { before }, threadId, limits);
  return { head: timeline.toLogHead(), records: held, more: (held[0]?.seq ?? head.firstSeq) > head.firstSeq };
}

async function readStored(
  timeline: Timeline,
  from: { after: number } | { before: number },
  threadId: string | undefined,
  limits: Limits,
): Promise<ReadLogResponse> {
  const [page] = await fromStore(
    timeline.roomLog.read([{ room: timeline.room, from, ...limits, ...(threadId !== undefined && { threadId }) }]),
  );
  // What the store has and this room was not told yet comes as an event.
  const records = (page?.records ?? []).filter(({ seq }) => seq <= timeline.head.seq).map(toLogRecord);
  return { head: timeline.toLogHead(), records, more: page?.more ?? false };
}

async function fromStore<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}
