// Forgets the oldest records of a room. In a transaction only.

import type { Database } from 'better-sqlite3';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { recordId } from './schema.ts';
import type { TextIndex } from './text-index.ts';

interface Oldest {
  readonly seq: number;
  readonly messageId: string;
  readonly sender: string;
  readonly clientId: string;
  readonly atMs: number;
  readonly words: string;
  readonly mentions: string;
}

/** How long a client id is remembered at least. */
const rememberMs = 24 * 60 * 60 * 1000;
/** So that appends do not wait long behind it. */
const trimAtOnce = 200;
const forgetAtOnce = 1000;

export class Trimmer {
  readonly #rooms: RoomsTable;
  readonly #text: TextIndex;
  readonly #oldest;
  readonly #dropRecord;
  readonly #dropMarks;
  readonly #dropMention;
  readonly #outlive;
  readonly #due;
  readonly #noLonger;
  readonly #forget;

  constructor(db: Database, rooms: RoomsTable, text: TextIndex) {
    this.#rooms = rooms;
    this.#text = text;
    this.#oldest = db.prepare<[number, number, number, number], Oldest>(
      `SELECT id & 4294967295 AS seq, message_id AS messageId, sender, client_id AS clientId, at_ms AS atMs, words, mentions
       FROM records WHERE id >= ${recordId} AND id < ((? + 1) << 32) ORDER BY id LIMIT ?`,
    );
    this.#dropRecord = db.prepare<[number, number]>(`DELETE FROM records WHERE id = ${recordId}`);
    this.#dropMarks = db.prepare<[number, number]>(`DELETE FROM marks WHERE record = ${recordId}`);
    this.#dropMention = db.prepare<[number, string, number]>(
      'DELETE FROM mentions WHERE room = ? AND identity = ? AND seq = ?',
    );
    this.#outlive = db.prepare<[number, number, string, string]>('INSERT OR IGNORE INTO outliving VALUES (?, ?, ?, ?)');
    this.#due = db.prepare<[number, number], { atMs: number; room: number; sender: string; clientId: string }>(
      'SELECT at_ms AS atMs, room, sender, client_id AS clientId FROM outliving WHERE at_ms < ? ORDER BY at_ms LIMIT ?',
    );
    this.#noLonger = db.prepare<[number, number, string, string]>(
      'DELETE FROM outliving WHERE at_ms = ? AND room = ? AND sender = ? AND client_id = ?',
    );
    this.#forget = db.prepare<[number, string, string]>(
      'DELETE FROM appends WHERE room = ? AND sender = ? AND client_id = ?',
    );
  }

  trim(room: RoomRow, limits: { beforeMs: number; keep: number }, nowMs: number): { trimmed: number; more: boolean } {
    const spareUpTo = limits.keep > 0 ? room.head - limits.keep : 0;
    const oldest = this.#oldest.all(room.no, room.first, room.no, trimAtOnce + 1);
    const stays = oldest.findIndex(({ seq, atMs }) => seq > spareUpTo && atMs >= limits.beforeMs);
    const goes = stays === -1 ? oldest : oldest.slice(0, stays);
    const now = goes.slice(0, trimAtOnce);
    for (const record of now) this.#drop(room, record);
    const last = now.at(-1);
    if (last) {
      room.first = last.seq + 1;
      room.trimmedId = last.messageId;
      this.#rooms.changed(room);
    }
    for (const { atMs, room: no, sender, clientId } of this.#due.all(nowMs - rememberMs, forgetAtOnce)) {
      this.#forget.run(no, sender, clientId);
      this.#noLonger.run(atMs, no, sender, clientId);
    }
    return { trimmed: now.length, more: goes.length > now.length };
  }

  #drop({ no }: RoomRow, { seq, sender, clientId, atMs, words, mentions }: Oldest): void {
    this.#text.remove(no, seq, words);
    this.#dropMarks.run(no, seq);
    if (mentions !== '') {
      for (const identity of JSON.parse(mentions) as string[]) this.#dropMention.run(no, identity, seq);
    }
    this.#dropRecord.run(no, seq);
    if (clientId !== '') this.#outlive.run(atMs, no, sender, clientId);
  }
}
