// Pages, searches and counts. Each of them reads a bounded number of records, so that appends do not wait long behind it.

import type { Database, Statement } from 'better-sqlite3';
import { bytesOf } from '../page-size.ts';
import type { Counted, ReadPage, ReadRequest, StoredRecord } from '../room-log.ts';
import { headOf, type RoomRow } from './rooms-table.ts';
import { maxSeq, recordId } from './schema.ts';
import type { TextIndex } from './text-index.ts';

interface Row extends Omit<StoredRecord, 'erased' | 'marks'> {
  readonly erased: number;
  readonly marked: number;
}
/** Room, above, room, below. */
type Range = [number, number, number, number];

const columns = `id & 4294967295 AS seq, message_id AS messageId, kind, sender, client_id AS clientId, at_ms AS atMs,
  payload, thread_id AS threadId, erased, marked, amended AS amendedSeq`;
const inRange = `id > ${recordId} AND id < ${recordId}`;
/** Counting goes through so many records at most. */
const maxCounted = 20_000;

export class RecordsReader {
  readonly #text: TextIndex;
  readonly #ascending;
  readonly #descending;
  readonly #threadAscending;
  readonly #threadDescending;
  readonly #one;
  readonly #idOf;
  readonly #marks;
  readonly #messages;
  readonly #mentions;

  constructor(db: Database, text: TextIndex) {
    this.#text = text;
    const page = (order: string) =>
      db.prepare<[...Range, number], Row>(
        `SELECT ${columns} FROM records WHERE ${inRange} ORDER BY id ${order} LIMIT ?`,
      );
    const threadPage = (order: string) =>
      db.prepare<[number, string, ...Range, number, string, number, number], Row>(
        `SELECT ${columns} FROM records WHERE id IN (
           SELECT id FROM (SELECT id FROM records
             WHERE (id >> 32) = ? AND thread_id = ? AND thread_id <> '' AND ${inRange} ORDER BY id ${order} LIMIT ?)
           UNION SELECT id FROM records WHERE message_id = ? AND (id >> 32) = ? AND kind = 'message'
         ) ORDER BY id ${order} LIMIT ?`,
      );
    this.#ascending = page('ASC');
    this.#descending = page('DESC');
    this.#threadAscending = threadPage('ASC');
    this.#threadDescending = threadPage('DESC');
    this.#one = db.prepare<[number, number], Row>(`SELECT ${columns} FROM records WHERE id = ${recordId}`);
    this.#idOf = db.prepare<[number, number], string>(`SELECT message_id FROM records WHERE id = ${recordId}`).pluck();
    this.#marks = db.prepare<[number, number], { key: string; member: string }>(
      `SELECT key, member FROM marks WHERE record = ${recordId} ORDER BY since, at`,
    );
    this.#messages = db
      .prepare<[...Range, string, number], number>(
        `SELECT count(*) FROM (SELECT 1 FROM records WHERE ${inRange} AND counted = 1 AND sender <> ? LIMIT ?)`,
      )
      .pluck();
    this.#mentions = db
      .prepare<[number, string, number, number], number>(
        'SELECT count(*) FROM (SELECT 1 FROM mentions WHERE room = ? AND identity = ? AND seq > ? LIMIT ?)',
      )
      .pluck();
  }

  read(room: RoomRow, { from, maxRecords, maxBytes, threadId }: ReadRequest): ReadPage {
    const forward = 'after' in from;
    const above = forward ? seqOf(from.after) : 0;
    const below = forward ? maxSeq + 1 : seqOf(from.before);
    const records: StoredRecord[] = [];
    let bytes = 0;
    let more = false;
    for (const row of this.#rows(room.no, { forward, above, below, limit: maxRecords + 1, threadId })) {
      // The first message of a thread comes from its id, wherever the page lies.
      if (row.seq <= above || row.seq >= below) continue;
      const record = this.#toStored(room.no, row);
      bytes += bytesOf(record);
      more = records.length > 0 && (records.length >= maxRecords || bytes > maxBytes);
      if (more) break;
      records.push(record);
    }
    if (!forward) records.reverse();
    const fingerprint = forward ? (this.#idOf.get(room.no, above) ?? '') : '';
    return { head: headOf(room), fingerprint, records, more };
  }

  #rows(
    room: number,
    at: { forward: boolean; above: number; below: number; limit: number; threadId: string | undefined },
  ): IterableIterator<Row> {
    const { above, below, threadId } = at;
    // One more, for the thread's first message, which may lie outside.
    const limit = Math.min(Math.max(at.limit, 2), 1_000_000) + 1;
    if (threadId === undefined) {
      return (at.forward ? this.#ascending : this.#descending).iterate(room, above, room, below, limit);
    }
    const statement = at.forward ? this.#threadAscending : this.#threadDescending;
    return statement.iterate(room, threadId, room, above, room, below, limit, threadId, room, limit);
  }

  search(room: RoomRow, query: string, before: number, limit: number): StoredRecord[] {
    return this.#text.find(room, query, seqOf(before), limit).flatMap((seq) => {
      const row = this.#one.get(room.no, seq);
      return row ? [this.#toStored(room.no, row)] : [];
    });
  }

  count(room: RoomRow, after: number, identity: string, limit: number): Counted {
    const above = seqOf(after);
    const below = Math.min(Math.max(above, room.first - 1) + maxCounted, maxSeq) + 1;
    return {
      messages: this.#messages.get(room.no, above, room.no, below, identity, limit) ?? 0,
      mentions: this.#mentions.get(room.no, identity, above, limit) ?? 0,
    };
  }

  #toStored(room: number, { erased, marked, ...row }: Row): StoredRecord {
    return { ...row, erased: erased === 1, marks: marked ? groupMarks(this.#marks, room, row.seq) : {} };
  }
}

function groupMarks(
  statement: Statement<[number, number], { key: string; member: string }>,
  room: number,
  seq: number,
): Record<string, string[]> {
  const marks = new Map<string, string[]>();
  for (const { key, member } of statement.all(room, seq)) {
    const members = marks.get(key);
    if (members) members.push(member);
    else marks.set(key, [member]);
  }
  return Object.fromEntries(marks);
}

/** Numbers of callers may be absurd; those of records are not. */
export const seqOf = (number: number): number => Math.min(Math.max(Math.trunc(number) || 0, 0), maxSeq + 1);
