// Forgets the oldest records of a room. In a transaction only.

import type { Database } from 'better-sqlite3';
import type { ClientIds } from './client-ids.ts';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { recordId } from './schema.ts';
import type { TextIndex } from './text-index.ts';

interface Oldest {
  readonly seq: number;
  readonly messageId: string;
  readonly sender: string;
  readonly clientId: string;
  readonly contentHash: string;
  readonly atMs: number;
  readonly words: string;
  readonly mentions: string;
}
interface Due {
  readonly room: number;
  readonly seq: number;
  readonly sender: string;
  readonly clientId: string;
}

/** How long a client id is remembered at least. */
const rememberMs = 24 * 60 * 60 * 1000;
/** So that appends do not wait long behind it. */
const trimAtOnce = 200;
const forgetAtOnce = 1000;

export class Trimmer {
  readonly #rooms: RoomsTable;
  readonly #text: TextIndex;
  readonly #ids: ClientIds;
  readonly #oldest;
  readonly #dropRecord;
  readonly #dropMarks;
  readonly #dropMention;
  readonly #outlive;
  readonly #due;
  readonly #noLonger;
  readonly #hasFacts;
  readonly #dropWatermarks;

  constructor(db: Database, { rooms, text, ids }: { rooms: RoomsTable; text: TextIndex; ids: ClientIds }) {
    this.#rooms = rooms;
    this.#text = text;
    this.#ids = ids;
    this.#oldest = db.prepare<[number, number, number, number], Oldest>(
      `SELECT id & 4294967295 AS seq, message_id AS messageId, sender, client_id AS clientId, content_hash AS contentHash,
         at_ms AS atMs, words, mentions
       FROM records WHERE id >= ${recordId} AND id < ((? + 1) << 32) ORDER BY id LIMIT ?`,
    );
    this.#dropRecord = db.prepare<[number, number]>(`DELETE FROM records WHERE id = ${recordId}`);
    this.#dropMarks = db.prepare<[number, number]>(`DELETE FROM marks WHERE record = ${recordId}`);
    this.#dropMention = db.prepare<[number, string, number]>(
      'DELETE FROM mentions WHERE room = ? AND identity = ? AND seq = ?',
    );
    this.#outlive = db.prepare<[number, number, string, string, string, string, number]>(
      `INSERT OR IGNORE INTO outliving VALUES (${recordId}, ?, ?, ?, ?, ?)`,
    );
    this.#due = db.prepare<[number, number], Due>(
      `SELECT record >> 32 AS room, record & 4294967295 AS seq, sender, client_id AS clientId FROM outliving
       WHERE at_ms < ? ORDER BY at_ms LIMIT ?`,
    );
    this.#noLonger = db.prepare<[number, number]>(`DELETE FROM outliving WHERE record = ${recordId}`);
    this.#hasFacts = db.prepare<[number], number>('SELECT 1 FROM facts WHERE room = ? LIMIT 1').pluck();
    this.#dropWatermarks = db.prepare<[number, number, number]>(
      `DELETE FROM watermarks WHERE room = ? AND identity IN (SELECT identity FROM watermarks WHERE room = ? LIMIT ?)`,
    );
  }

  trim(room: RoomRow, limits: { beforeMs: number; keep: number }, nowMs: number): { trimmed: number; more: boolean } {
    const spareUpTo = limits.keep > 0 ? room.head - limits.keep : 0;
    const oldest = this.#oldest.all(room.no, room.first, room.no, trimAtOnce + 1);
    const stays = oldest.findIndex(({ seq, atMs }) => seq > spareUpTo && atMs >= limits.beforeMs);
    const goes = stays === -1 ? oldest : oldest.slice(0, stays);
    const now = goes.slice(0, trimAtOnce);
    for (const record of now) this.#drop(room, record, nowMs);
    const last = now.at(-1);
    if (last) {
      room.first = last.seq + 1;
      room.trimmedId = last.messageId;
      this.#rooms.changed(room);
    }
    for (const { room: no, seq, sender, clientId } of this.#due.all(nowMs - rememberMs, forgetAtOnce)) {
      this.#ids.forget(this.#ids.nameOf(no, sender, clientId), seq);
      this.#noLonger.run(no, seq);
    }
    return { trimmed: now.length, more: goes.length > now.length || this.#forgetReaders(room) };
  }

  #drop(room: RoomRow, record: Oldest, nowMs: number): void {
    const { no } = room;
    const { seq, messageId, sender, clientId, contentHash, atMs, words, mentions } = record;
    this.#text.remove(room, seq, words);
    this.#dropMarks.run(no, seq);
    if (mentions !== '') {
      for (const identity of JSON.parse(mentions) as string[]) this.#dropMention.run(no, identity, seq);
    }
    this.#dropRecord.run(no, seq);
    if (clientId === '') return;
    const name = this.#ids.nameOf(no, sender, clientId);
    if (atMs < nowMs - rememberMs) {
      this.#ids.forget(name, seq);
      return;
    }
    this.#ids.settle(name, seq);
    this.#outlive.run(no, seq, messageId, sender, clientId, contentHash, atMs);
  }

  /** Where neither records nor facts are left, nobody needs to know how far he has read. Whether there may be more of them. */
  #forgetReaders({ no, first, head }: RoomRow): boolean {
    if (first <= head || this.#hasFacts.get(no) !== undefined) return false;
    return this.#dropWatermarks.run(no, no, forgetAtOnce).changes === forgetAtOnce;
  }
}
