// Where each room's numbers stand. Rooms in use are kept in memory; what changed is written at the end of the transaction.

import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Head } from '../room-log.ts';

export interface RoomRow {
  readonly no: number;
  readonly name: string;
  epoch: string;
  head: number;
  headId: string;
  first: number;
  trimmedId: string;
}

const maxCached = 20_000;
const columns = 'no, name, epoch, head, head_id AS headId, first, trimmed_id AS trimmedId';

export const createEpoch = (): string => randomBytes(9).toString('base64url');

export class RoomsTable {
  readonly #cached = new Map<string, RoomRow>();
  readonly #changed = new Set<RoomRow>();
  readonly #find;
  readonly #insert;
  readonly #update;
  readonly #names;

  constructor(db: Database) {
    this.#find = db.prepare<[string], RoomRow>(`SELECT ${columns} FROM rooms WHERE name = ?`);
    this.#insert = db.prepare<[string, string], RoomRow>(
      `INSERT INTO rooms (name, epoch) VALUES (?, ?) RETURNING ${columns}`,
    );
    this.#update = db.prepare<[string, number, string, number, string, number]>(
      'UPDATE rooms SET epoch = ?, head = ?, head_id = ?, first = ?, trimmed_id = ? WHERE no = ?',
    );
    this.#names = db
      .prepare<[string, number], string>(
        'SELECT name FROM rooms WHERE name > ? AND first <= head ORDER BY name LIMIT ?',
      )
      .pluck();
  }

  find(name: string): RoomRow | undefined {
    const cached = this.#cached.get(name);
    if (cached) return cached;
    const row = this.#find.get(name);
    if (row) this.#cache(row);
    return row;
  }

  /** In a transaction only: a room that there was not is made. */
  ensure(name: string): RoomRow {
    const known = this.find(name);
    if (known) return known;
    const row = this.#insert.get(name, createEpoch());
    if (!row) throw new Error('A room was inserted and is not there.');
    this.#cache(row);
    return row;
  }

  /** Call it after having changed the row. */
  changed(room: RoomRow): void {
    this.#changed.add(room);
  }

  /** Before the commit. */
  flush(): void {
    for (const it of this.#changed) this.#update.run(it.epoch, it.head, it.headId, it.first, it.trimmedId, it.no);
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

  #cache(row: RoomRow): void {
    // Rows that wait for being written must stay the only ones of their room.
    if (this.#cached.size >= maxCached && this.#changed.size === 0) this.#cached.clear();
    this.#cached.set(row.name, row);
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
