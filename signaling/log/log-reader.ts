// Reading what lies behind a place of a log: from memory where it is there, and once for all who ask for the same.

import type { Head, ReadPage, ReadRequest, RoomLog } from '../../cluster/room-log.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import { sizeOf } from './record-ring.ts';
import { toStoreProblem } from './store-problem.ts';
import { toLogRecord } from './stored-payload.ts';
import type { Timeline } from './timeline.ts';

export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** What follows a place, and what proves the place. */
export interface LogPage {
  readonly head: Head;
  /** The id of the record at the place; undefined where it cannot be known any more. */
  readonly fingerprint: string | undefined;
  readonly records: readonly LogRecord[];
  readonly more: boolean;
  readonly bytes: number;
}

/** Reads that are under way, by what they ask for. */
const reads = new WeakMap<Timeline, Map<string, Promise<LogPage>>>();

/** @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
export function readAfter(timeline: Timeline, after: number, limits: ReadLimits): Promise<LogPage> {
  const key = `${timeline.head.epoch} ${after} ${limits.maxRecords} ${limits.maxBytes}`;
  const ofTimeline = reads.get(timeline) ?? new Map<string, Promise<LogPage>>();
  reads.set(timeline, ofTimeline);
  let read = ofTimeline.get(key);
  if (read === undefined) {
    read = readFromStore(timeline, after, limits).finally(() => ofTimeline.delete(key));
    ofTimeline.set(key, read);
  }
  return read;
}

/** The same where it is in memory. */
export function readFromMemory({ ring, head }: Timeline, after: number, limits: ReadLimits): LogPage | undefined {
  if (!ring.covers(after)) return undefined;
  return { head, fingerprint: ring.messageIdAt(after), ...ring.after(after, limits) };
}

async function readFromStore(timeline: Timeline, after: number, limits: ReadLimits): Promise<LogPage> {
  try {
    const page = await readTogether(timeline.roomLog, { room: timeline.room, from: { after }, ...limits });
    // It forgets first and is asked later how far: a place that is gone is not one of another log.
    timeline.trimmed(page.head);
    // What the store has and this room was not told yet comes as an event.
    const records = page.records.filter(({ seq }) => seq <= timeline.head.seq).map(toLogRecord);
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    const { head } = page;
    const fingerprint = after === head.firstSeq - 1 ? head.trimmedMessageId : page.fingerprint;
    return {
      head: timeline.head,
      fingerprint,
      records,
      more: (records.at(-1)?.seq ?? after) < timeline.head.seq,
      bytes,
    };
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

/** Reads of one turn that go to the store in one call. */
interface Batch {
  readonly requests: ReadRequest[];
  readonly pages: Promise<readonly ReadPage[]>;
}

/** Pages that one call brings at most: what it holds is bounded by what it asks for. */
const maxReadsOfCall = 64;
const batches = new WeakMap<RoomLog, Batch>();

/** What is asked for before the promises that are due are done is one call. */
async function readTogether(roomLog: RoomLog, request: ReadRequest): Promise<ReadPage> {
  let batch = batches.get(roomLog);
  if (batch === undefined || batch.requests.length >= maxReadsOfCall) {
    batch = startBatch(roomLog);
    batches.set(roomLog, batch);
  }
  const at = batch.requests.push(request) - 1;
  const page = (await batch.pages)[at];
  if (page === undefined) throw new Error('the store answered with no page');
  return page;
}

function startBatch(roomLog: RoomLog): Batch {
  const requests: ReadRequest[] = [];
  const pages = Promise.resolve().then(() => {
    if (batches.get(roomLog)?.requests === requests) batches.delete(roomLog);
    return roomLog.read(requests);
  });
  return { requests, pages };
}
