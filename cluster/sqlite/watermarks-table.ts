// How far each person has come in each room.

import type { Database } from 'better-sqlite3';
import type { Watermark } from '../room-log.ts';
import { seqOf } from './records-reader.ts';
import type { RoomRow } from './rooms-table.ts';

const columns = '? AS room, identity, delivered, read';

export class WatermarksTable {
  readonly #move;
  readonly #lastMove;
  readonly #all;
  readonly #one;

  constructor(db: Database) {
    this.#move = db.prepare<[number, string, number, number, number]>(
      `INSERT INTO watermarks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         delivered = max(delivered, excluded.delivered), read = max(read, excluded.read), moved = excluded.moved
       WHERE excluded.delivered > delivered OR excluded.read > read`,
    );
    this.#lastMove = db
      .prepare<[number], number>('SELECT coalesce(max(moved), 0) FROM watermarks WHERE room = ?')
      .pluck();
    this.#all = db.prepare<[string, number], Watermark>(
      `SELECT ${columns} FROM watermarks WHERE room = ? ORDER BY moved DESC LIMIT 1000`,
    );
    this.#one = db.prepare<[string, number, string], Watermark>(
      `SELECT ${columns} FROM watermarks WHERE room = ? AND identity = ?`,
    );
  }

  /** In a transaction only. */
  move(room: RoomRow, { identity, delivered, read }: Watermark): void {
    const moved = (this.#lastMove.get(room.no) ?? 0) + 1;
    this.#move.run(room.no, identity, seqOf(delivered), seqOf(read), moved);
  }

  list(room: RoomRow): Watermark[] {
    return this.#all.all(room.name, room.no);
  }

  find(room: RoomRow, identity: string): Watermark | undefined {
    return this.#one.get(room.name, room.no, identity);
  }
}
