// The room log on a database, in the thread that has it. Each call that writes is one transaction.

import type { Database } from 'better-sqlite3';
import type {
  AppendResult,
  Counted,
  NewRecord,
  ReadPage,
  ReadRequest,
  RoomMemory,
  StoredRecord,
  Watermark,
} from '../room-log.ts';
import { Amendments } from './amendments.ts';
import { RecordsReader } from './records-reader.ts';
import { RecordsWriter } from './records-writer.ts';
import { createEpoch, headOf, type RoomRow, RoomsTable } from './rooms-table.ts';
import { TextIndex } from './text-index.ts';
import { Trimmer } from './trimmer.ts';
import { WatermarksTable } from './watermarks-table.ts';

export class SqliteStore {
  readonly #db: Database;
  readonly #rooms: RoomsTable;
  readonly #text: TextIndex;
  readonly #reader: RecordsReader;
  readonly #writer: RecordsWriter;
  readonly #trimmer: Trimmer;
  readonly #watermarks: WatermarksTable;
  readonly #begin;
  readonly #commit;
  readonly #rollback;
  readonly #facts;

  constructor(db: Database) {
    this.#db = db;
    this.#rooms = new RoomsTable(db);
    this.#text = new TextIndex(db);
    this.#reader = new RecordsReader(db, this.#text);
    this.#writer = new RecordsWriter(db, this.#rooms, this.#text, new Amendments(db, this.#text));
    this.#trimmer = new Trimmer(db, this.#rooms, this.#text);
    this.#watermarks = new WatermarksTable(db);
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#facts = db.prepare<[number], { key: string; value: string }>('SELECT key, value FROM facts WHERE room = ?');
  }

  append(records: readonly NewRecord[]): AppendResult[] {
    return this.#write(() => records.map((record) => this.#writer.append(record)));
  }

  open(names: readonly string[]): RoomMemory[] {
    return this.#known(names).map((room) => ({ head: headOf(room), facts: this.#factsOf(room) }));
  }

  read(requests: readonly ReadRequest[]): ReadPage[] {
    const rooms = this.#known(requests.map(({ room }) => room));
    return requests.flatMap((request, at) => {
      const room = rooms[at];
      return room ? [this.#reader.read(room, request)] : [];
    });
  }

  search(request: { room: string; query: string; before: number; limit: number }): StoredRecord[] {
    const room = this.#rooms.find(request.room);
    return room ? this.#reader.search(room, request.query, request.before, request.limit) : [];
  }

  trim(name: string, limits: { beforeMs: number; keep: number }, nowMs: number): { trimmed: number; more: boolean } {
    const room = this.#rooms.find(name);
    return room ? this.#write(() => this.#trimmer.trim(room, limits, nowMs)) : { trimmed: 0, more: false };
  }

  bumpEpoch(name: string, epoch: string): string {
    return this.#write(() => {
      const room = this.#rooms.ensure(name);
      if (room.epoch === epoch) {
        room.epoch = createEpoch();
        this.#rooms.changed(room);
      }
      return room.epoch;
    });
  }

  mark(watermarks: readonly Watermark[]): void {
    this.#write(() => {
      for (const watermark of watermarks) this.#watermarks.move(this.#rooms.ensure(watermark.room), watermark);
    });
  }

  watermarks(name: string, identity?: string): Watermark[] {
    const room = this.#rooms.find(name);
    return room ? this.#watermarks.list(room, identity) : [];
  }

  count(requests: readonly { room: string; after: number; identity: string; limit: number }[]): Counted[] {
    return requests.map(({ room: name, after, identity, limit }) => {
      const room = this.#rooms.find(name);
      return room ? this.#reader.count(room, after, identity, limit) : { messages: 0, mentions: 0 };
    });
  }

  rooms(after: string, limit: number): string[] {
    return this.#rooms.names(after, limit);
  }

  /** Brings everything into the main file, so that the file alone is a copy of all. */
  close(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }

  /** Rooms that there were not are made; reading writes nothing where there is no such room. */
  #known(names: readonly string[]): RoomRow[] {
    const found = names.flatMap((name) => this.#rooms.find(name) ?? []);
    return found.length === names.length ? found : this.#write(() => names.map((name) => this.#rooms.ensure(name)));
  }

  #factsOf(room: RoomRow): Record<string, string> {
    return Object.fromEntries(this.#facts.all(room.no).map(({ key, value }) => [key, value]));
  }

  #write<Result>(work: () => Result): Result {
    this.#begin.run();
    try {
      const result = work();
      this.#text.flush();
      this.#rooms.flush();
      this.#commit.run();
      return result;
    } catch (error) {
      this.#rooms.forget();
      this.#text.forget();
      // SQLite has done it already after some failures.
      if (this.#db.inTransaction) this.#rollback.run();
      throw error;
    }
  }
}

/** What the thread is asked for: the methods of the store, by name. */
export type StoreMethod = Exclude<keyof SqliteStore, 'close'>;
