// Appends records. In a transaction only.

import type { Database } from 'better-sqlite3';
import { type AppendResult, type NewRecord, StoreError } from '../room-log.ts';
import type { Amendments } from './amendments.ts';
import type { AppendName, ClientIds } from './client-ids.ts';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { maxSeq, recordId } from './schema.ts';
import { type TextIndex, wordsOf } from './text-index.ts';

type Texts = [string, string, string, string, string, number, string, string];

export class RecordsWriter {
  readonly #rooms: RoomsTable;
  readonly #text: TextIndex;
  readonly #ids: ClientIds;
  readonly #amendments: Amendments;
  readonly #insert;
  readonly #setFact;
  readonly #dropFact;

  constructor(db: Database, parts: { rooms: RoomsTable; text: TextIndex; ids: ClientIds; amendments: Amendments }) {
    this.#rooms = parts.rooms;
    this.#text = parts.text;
    this.#ids = parts.ids;
    this.#amendments = parts.amendments;
    this.#insert = db.prepare<[number, number, ...Texts, number | null, number | null, number, string, string]>(
      `INSERT INTO records (id, message_id, kind, sender, client_id, content_hash, at_ms, payload, thread_id, replaced, counted, words, mentions)
       VALUES (${recordId}, ?, ?, ?, ?, ?, ?, ?, ?, ${recordId}, ?, ?, ?)`,
    );
    this.#setFact = db.prepare<[number, string, string]>('INSERT OR REPLACE INTO facts VALUES (?, ?, ?)');
    this.#dropFact = db.prepare<[number, string]>('DELETE FROM facts WHERE room = ? AND key = ?');
  }

  append(record: NewRecord): AppendResult {
    const { sender, clientId, messageId, atMs, amendment, retryOnly = false } = record;
    // What appends nothing must not leave a room behind.
    const known = this.#rooms.find(record.room);
    if (known === undefined && (retryOnly || amendment)) {
      return { outcome: 'refused', why: retryOnly ? 'not-earlier' : 'target-missing' };
    }
    const room = known ?? this.#rooms.ensure(record.room);
    const name = clientId === '' ? undefined : this.#ids.nameOf(room.no, sender, clientId);
    // Before the amendment is looked at: the first try may have erased the target.
    const earlier = name && this.#answerOfEarlier(room, name, record.contentHash);
    if (earlier) return earlier;
    if (retryOnly) return { outcome: 'refused', why: 'not-earlier' };
    const seq = room.head + 1;
    if (seq > maxSeq) throw new StoreError('full', 'The room has as many records as it can have numbers.');
    const amended = amendment && this.#amendments.apply(room, amendment, seq);
    if (typeof amended === 'string') return { outcome: 'refused', why: amended };
    this.#insertRecord(room, seq, amendment?.kind === 'replace' ? amended : undefined, record);
    if (name) this.#ids.add(name, seq);
    if (record.facts) this.#setFacts(room.no, record.facts);
    room.head = seq;
    room.headId = messageId;
    return { outcome: 'appended', epoch: room.epoch, seq, messageId, atMs, duplicate: false };
  }

  #setFacts(room: number, facts: NonNullable<NewRecord['facts']>): void {
    for (const [key, value] of Object.entries(facts)) {
      if (value === null) this.#dropFact.run(room, key);
      else this.#setFact.run(room, key, value);
    }
  }

  #insertRecord(room: RoomRow, seq: number, target: number | undefined, record: NewRecord): void {
    const words = wordsOf(record.searchText);
    const mentions = record.mentions.length === 0 ? '' : JSON.stringify(record.mentions);
    this.#insert.run(
      room.no,
      seq,
      record.messageId,
      record.kind,
      record.sender,
      record.clientId,
      record.contentHash,
      record.atMs,
      record.payload,
      record.threadId,
      // An operation with NULL is NULL.
      target === undefined ? null : room.no,
      target ?? null,
      record.searchText === '' ? 0 : 1,
      words,
      mentions,
    );
    this.#text.appended(room, seq, words);
    this.#ids.appended(room.no, seq);
    if (record.searchText !== '') this.#amendments.mention(room.no, seq, record.sender, mentions, true);
  }

  #answerOfEarlier(room: RoomRow, name: AppendName, contentHash: string): AppendResult | undefined {
    const earlier = this.#ids.find(name);
    if (!earlier) return undefined;
    if (earlier.contentHash !== '' && earlier.contentHash !== contentHash) return { outcome: 'conflict' };
    const { seq, messageId, atMs } = earlier;
    return { outcome: 'appended', epoch: room.epoch, seq, messageId, atMs, duplicate: true };
  }
}
