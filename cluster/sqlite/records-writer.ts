// Appends records. In a transaction only.

import type { Database } from 'better-sqlite3';
import type { MessageId } from '../../core/ids.ts';
import { type AppendResult, type NewRecord, StoreError } from '../room-log.ts';
import type { Amendments } from './amendments.ts';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { maxSeq, recordId } from './schema.ts';
import { type TextIndex, wordsOf } from './text-index.ts';

type Earlier = { readonly hash: string; readonly seq: number; readonly messageId: MessageId; readonly atMs: number };
type Texts = [string, string, string, string, number, string, string];

export class RecordsWriter {
  readonly #rooms: RoomsTable;
  readonly #text: TextIndex;
  readonly #amendments: Amendments;
  readonly #earlier;
  readonly #remember;
  readonly #insert;
  readonly #setFact;
  readonly #dropFact;

  constructor(db: Database, rooms: RoomsTable, text: TextIndex, amendments: Amendments) {
    this.#rooms = rooms;
    this.#text = text;
    this.#amendments = amendments;
    this.#earlier = db.prepare<[number, string, string], Earlier>(
      `SELECT hash, seq, message_id AS messageId, at_ms AS atMs FROM appends
       WHERE room = ? AND sender = ? AND client_id = ?`,
    );
    this.#remember = db.prepare<[number, string, string, string, number, string, number]>(
      'INSERT OR IGNORE INTO appends VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insert = db.prepare<[number, number, ...Texts, number | null, number | null, number, string, string]>(
      `INSERT INTO records (id, message_id, kind, sender, client_id, at_ms, payload, thread_id, replaced, counted, words, mentions)
       VALUES (${recordId}, ?, ?, ?, ?, ?, ?, ?, ${recordId}, ?, ?, ?)`,
    );
    this.#setFact = db.prepare<[number, string, string]>('INSERT OR REPLACE INTO facts VALUES (?, ?, ?)');
    this.#dropFact = db.prepare<[number, string]>('DELETE FROM facts WHERE room = ? AND key = ?');
  }

  append(record: NewRecord): AppendResult {
    if (record.retryOnly) {
      const known = this.#rooms.find(record.room);
      return (known && this.#answerOfEarlier(known, record)) ?? { outcome: 'refused', why: 'not-earlier' };
    }
    const room = this.#rooms.ensure(record.room);
    const seq = room.head + 1;
    if (seq > maxSeq) throw new StoreError('full', 'The room has as many records as it can have numbers.');
    let target: number | null = null;
    if (record.amendment) {
      // Before the amendment is looked at: the first try may have erased the target.
      const earlier = this.#answerOfEarlier(room, record);
      if (earlier) return earlier;
      const amended = this.#amendments.apply(room.no, record.amendment, seq);
      if (typeof amended === 'string') return { outcome: 'refused', why: amended };
      if (record.amendment.kind === 'replace') target = amended;
    }
    const { messageId, sender, clientId, atMs } = record;
    if (clientId !== '') {
      const { changes } = this.#remember.run(room.no, sender, clientId, record.contentHash, seq, messageId, atMs);
      const earlier = changes === 0 ? this.#answerOfEarlier(room, record) : undefined;
      if (earlier) return earlier;
    }
    this.#insertRecord(room.no, seq, target, record);
    for (const [key, value] of Object.entries(record.facts ?? {})) {
      if (value === null) this.#dropFact.run(room.no, key);
      else this.#setFact.run(room.no, key, value);
    }
    room.head = seq;
    room.headId = messageId;
    this.#rooms.changed(room);
    return { outcome: 'appended', epoch: room.epoch, seq, messageId, atMs, duplicate: false };
  }

  #insertRecord(room: number, seq: number, target: number | null, record: NewRecord): void {
    const words = wordsOf(record.searchText);
    const mentions = record.mentions.length === 0 ? '' : JSON.stringify(record.mentions);
    this.#insert.run(
      room,
      seq,
      record.messageId,
      record.kind,
      record.sender,
      record.clientId,
      record.atMs,
      record.payload,
      record.threadId,
      // An operation with NULL is NULL.
      target === null ? null : room,
      target,
      record.searchText === '' ? 0 : 1,
      words,
      mentions,
    );
    this.#text.add(room, seq, words);
    if (record.searchText !== '') this.#amendments.mention(room, seq, record.sender, mentions, true);
  }

  #answerOfEarlier(room: RoomRow, { sender, clientId, contentHash }: NewRecord): AppendResult | undefined {
    const earlier = clientId === '' ? undefined : this.#earlier.get(room.no, sender, clientId);
    if (!earlier) return undefined;
    if (earlier.hash !== '' && earlier.hash !== contentHash) return { outcome: 'conflict' };
    const { seq, messageId, atMs } = earlier;
    return { outcome: 'appended', epoch: room.epoch, seq, messageId, atMs, duplicate: true };
  }
}
