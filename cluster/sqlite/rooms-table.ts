// Where each room's numbers stand. Rooms in use are kept in memory; what changed is written at the end of the transaction.

import type { Database } from 'better-sqlite3';
import { createEpoch, firstEpoch } from '../epochs.ts';
import type { Head } from '../room-log.ts';
import { recordId } from './schema.ts';

interface Stored {
  readonly no: number;
  readonly name: string;
  epoch: string;
  first: number;
  trimmedId: string;
  /** The words of records up to this one are in the index. */
  indexed: number;
}
export interface RoomRow extends Stored {
  head: number;
  headId: string;
}

const maxCached = 20_000;
const columns = 'no, name, epoch, first, trimmed_id AS trimmedId, indexed';

export class RoomsTable {
  readonly #cached = new Map<string, RoomRow>();
  readonly #changed = new Set<RoomRow>();
  readonly #secret: string;
  readonly #find;
  readonly #newest;
  readonly #insert;
  readonly #update;
  readonly #names;

  constructor(db: Database) {
    this.#secret = db.prepare<[], string>('SELECT secret FROM store').pluck().get() ?? '';
    this.#find = db.prepare<[string], Stored>(`SELECT ${columns} FROM rooms WHERE name = ?`);
    this.#newest = db.prepare<[number, number, number], { head: number; headId: string }>(
      `SELECT id & 4294967295 AS head, message_id AS headId FROM records
       WHERE id >= ${recordId} AND id < ((? + 1) << 32) ORDER BY id DESC LIMIT 1`,
    );
    this.#insert = db.prepare<[string, string], Stored>(
      `INSERT INTO rooms (name, epoch) VALUES (?, ?) RETURNING ${columns}`,
    );
    this.#update = db.prepare<[string, number, string, number, number]>(
      'UPDATE rooms SET epoch = ?, first = ?, trimmed_id = ?, indexed = ? WHERE no = ?',
    );
    this.#names = db
      .prepare<[string, number], string>(
        `SELECT name FROM rooms WHERE name > ? AND EXISTS (
           SELECT 1 FROM records WHERE id >= ((no << 32) | first) AND id < ((no + 1) << 32)
         ) ORDER BY name LIMIT ?`,
      )
      .pluck();
  }

  find(name: string): RoomRow | undefined {
    const cached = this.#cached.get(name);
    if (cached) return cached;
    const stored = this.#find.get(name);
    return stored && this.#cache(stored);
  }

  /** In a transaction only: a room that there was not is made. */
  ensure(name: string): RoomRow {
    const known = this.find(name);
    if (known) return known;
    const stored = this.#insert.get(name, firstEpoch(this.#secret, name));
    if (!stored) throw new Error('A room was inserted and is not there.');
    return this.#cache(stored);
  }

  /** Of a room that may not be there. */
  headOf(name: string): Head {
    const room = this.find(name);
    if (room) return headOf(room);
    return { epoch: firstEpoch(this.#secret, name), seq: 0, messageId: '', firstSeq: 1, trimmedMessageId: '' };
  }

  renew(room: RoomRow): void {
    room.epoch = createEpoch();
    this.changed(room);
  }

  /** Call it after having changed more than the head. */
  changed(room: RoomRow): void {
    this.#changed.add(room);
  }

  /** Before the commit. */
  flush(): void {
    for (const it of this.#changed) this.#update.run(it.epoch, it.first, it.trimmedId, it.indexed, it.no);
    this.#changed.clear();
  }

  /** After a rollback: what is in memory was not written. */
  forget(): void {
    this.#changed.clear();
    this.#cached.clear();
  }

  names(after: string, limit: number): string[] {
    return this.#names.all(after, limit);
  }

  #cache(stored: Stored): RoomRow {
    const { no, first, trimmedId } = stored;
    // Where everything was trimmed, the record that went last was the newest.
    const newest = this.#newest.get(no, first, no) ?? { head: first - 1, headId: trimmedId };
    const row = { ...stored, ...newest };
    // Rows that wait for being written must stay the only ones of their room.
    if (this.#cached.size >= maxCached && this.#changed.size === 0) this.#cached.clear();
    this.#cached.set(row.name, row);
    return row;
  }
}

export function headOf(room: RoomRow): Head {
  return {
    epoch: room.epoch,
    seq: room.head,
    messageId: room.headId,
    firstSeq: room.first,
    trimmedMessageId: room.trimmedId,
  };
}
