// The room log on a database, in the thread that has it. Its methods are for use inside of transaction().

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
import { catchUp } from './catch-up.ts';
import { type ClientIdLimits, ClientIds } from './client-ids.ts';
import { type PackedAnswers, type PackedRecords, packAnswers, unpackRecords } from './packed-appends.ts';
import { RecordsReader } from './records-reader.ts';
import { RecordsWriter } from './records-writer.ts';
import { RoomsTable } from './rooms-table.ts';
import { TextIndex, type TextLimits } from './text-index.ts';
import { Trimmer } from './trimmer.ts';
import { WatermarksTable } from './watermarks-table.ts';

/** 32 MB: a page that was written often is copied once. At SQLite's own 4 MB copying took a third of the time. */
const checkpointPages = 8000;

export class SqliteStore {
  readonly #db: Database;
  readonly #rooms: RoomsTable;
  readonly #text: TextIndex;
  readonly #ids: ClientIds;
  readonly #reader: RecordsReader;
  readonly #writer: RecordsWriter;
  readonly #trimmer: Trimmer;
  readonly #watermarks: WatermarksTable;
  readonly #beginReading;
  readonly #beginWriting;
  readonly #commit;
  readonly #rollback;
  readonly #walState;
  readonly #facts;
  /** At the start too: whoever had the file before may have left it in between. */
  #hasErased = true;

  /** `limits`: smaller ones in tests. */
  constructor(db: Database, limits: { text?: TextLimits; clientIds?: ClientIdLimits } = {}) {
    this.#db = db;
    this.#rooms = new RoomsTable(db);
    this.#text = new TextIndex(db, this.#rooms, limits.text);
    this.#ids = new ClientIds(db, limits.clientIds);
    const parts = { rooms: this.#rooms, text: this.#text, ids: this.#ids };
    this.#reader = new RecordsReader(db, this.#text);
    this.#writer = new RecordsWriter(db, { ...parts, amendments: new Amendments(db, this.#text) });
    this.#trimmer = new Trimmer(db, parts);
    this.#watermarks = new WatermarksTable(db);
    this.#beginReading = db.prepare('BEGIN');
    this.#beginWriting = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#walState = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
    this.#facts = db.prepare<[number], { key: string; value: string }>('SELECT key, value FROM facts WHERE room = ?');
    this.transaction('read', () => catchUp(db, parts));
  }

  /** What throws leaves nothing behind. */
  transaction<Result>(kind: 'read' | 'write', work: () => Result): Result {
    (kind === 'read' ? this.#beginReading : this.#beginWriting).run();
    try {
      const result = work();
      this.#rooms.flush();
      this.#commit.run();
      this.#text.commit();
      this.#ids.commit();
      return result;
    } catch (error) {
      this.#rooms.forget();
      this.#text.rollback();
      this.#ids.rollback();
      // SQLite has done it already after some failures.
      if (this.#db.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  /** Some hundred things wait to be put where they belong; no answer depends on it. */
  get isDue(): boolean {
    return this.#text.isDue || this.#text.isToMerge || this.#ids.isDue;
  }

  /** Moves the write-ahead log into the file when it is long: after the answers, because it takes 20 ms. */
  checkpoint(): void {
    const { log, checkpointed } = this.#walState.get() ?? { log: 0, checkpointed: 0 };
    if (log - checkpointed >= checkpointPages) this.#db.pragma('wal_checkpoint(PASSIVE)');
  }

  /** A text that nobody is to read any more still lies in the write-ahead log, or in pages of the file that are newer there. */
  get hasErased(): boolean {
    return this.#hasErased;
  }

  /** Brings all into the file, where it takes the place of what was erased, and empties the write-ahead log. Waits for no reader: then it is for later. */
  scrub(): void {
    const timeoutMs = this.#db.pragma('busy_timeout', { simple: true });
    this.#db.pragma('busy_timeout = 0');
    try {
      this.#hasErased = this.#db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
    } finally {
      this.#db.pragma(`busy_timeout = ${timeoutMs}`);
    }
  }

  /** A bounded piece of that work. It can be done again from the records, so that it waits for no disk. */
  tidy(): void {
    const synchronous = this.#db.pragma('synchronous', { simple: true });
    this.#db.pragma('synchronous = NORMAL');
    try {
      this.transaction('write', () => {
        const isIndexing = this.#text.isDue;
        if (isIndexing) this.#text.indexWaiting();
        if (isIndexing ? this.#text.isToMergeNow : this.#text.isToMerge) this.#text.mergeSome();
        if (this.#ids.isDue) this.#ids.sortSome();
      });
    } finally {
      this.#db.pragma(`synchronous = ${synchronous}`);
    }
  }

  append(records: readonly NewRecord[]): AppendResult[] {
    return records.map((record) => {
      const kind = record.amendment?.kind;
      if (kind === 'erase' || kind === 'replace') this.#hasErased = true;
      return this.#writer.append(record);
    });
  }

  appendPacked(records: PackedRecords): PackedAnswers {
    return packAnswers(this.append(unpackRecords(records)));
  }

  /** Reading leaves no room behind. */
  open(names: readonly string[]): RoomMemory[] {
    return names.map((name) => {
      const room = this.#rooms.find(name);
      const facts = room ? this.#facts.all(room.no).map(({ key, value }) => [key, value] as const) : [];
      return { head: this.#rooms.headOf(name), facts: Object.fromEntries(facts) };
    });
  }

  read(requests: readonly ReadRequest[]): ReadPage[] {
    return requests.map((request) => {
      const room = this.#rooms.find(request.room);
      if (room) return this.#reader.read(room, request);
      return { head: this.#rooms.headOf(request.room), fingerprint: '', records: [], more: false };
    });
  }

  search(request: { room: string; query: string; before: number; limit: number }): StoredRecord[] {
    const room = this.#rooms.find(request.room);
    return room ? this.#reader.search(room, request.query, request.before, request.limit) : [];
  }

  trim(name: string, limits: { beforeMs: number; keep: number }, nowMs: number): { trimmed: number; more: boolean } {
    const room = this.#rooms.find(name);
    if (!room) return { trimmed: 0, more: false };
    const result = this.#trimmer.trim(room, limits, nowMs);
    if (result.trimmed > 0) this.#hasErased = true;
    return result;
  }

  bumpEpoch(name: string, epoch: string): string {
    const head = this.#rooms.headOf(name);
    if (head.epoch !== epoch) return head.epoch;
    const room = this.#rooms.ensure(name);
    this.#rooms.renew(room);
    return room.epoch;
  }

  mark(watermarks: readonly Watermark[]): void {
    for (const watermark of watermarks) {
      // What moves nothing must not leave a room behind.
      if (!(watermark.delivered > 0 || watermark.read > 0)) continue;
      this.#watermarks.move(this.#rooms.ensure(watermark.room), watermark);
    }
  }

  watermarks(name: string): Watermark[] {
    const room = this.#rooms.find(name);
    return room ? this.#watermarks.list(room) : [];
  }

  watermarksOf(who: readonly { room: string; identity: string }[]): Watermark[] {
    return who.map(({ room: name, identity }) => {
      const room = this.#rooms.find(name);
      const found = room && this.#watermarks.find(room, identity);
      return found ?? { room: name, identity, delivered: 0, read: 0 };
    });
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
}

/** What the thread is asked for: the methods of the store, by name. */
export type StoreMethod = Exclude<
  keyof SqliteStore,
  'close' | 'transaction' | 'isDue' | 'tidy' | 'checkpoint' | 'hasErased' | 'scrub' | 'append'
>;
