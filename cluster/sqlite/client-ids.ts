// Which append a client id names. New ones come at random places of the table: a page each, if each were put there by itself.
// They wait in memory, and are put there some thousand at a time, a range of the table after the other. The record that has a
// client id is its copy on disk meanwhile: whatever ends the process, they are read from there again.

import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { MessageId } from '../../core/ids.ts';
import { JournaledMap } from './journaled-map.ts';
import { recordId } from './schema.ts';

/** Who appends what, and where to look for it. */
export interface AppendName {
  readonly room: number;
  readonly sender: string;
  readonly clientId: string;
  readonly key: string;
  readonly hash: number;
}
export interface EarlierAppend {
  readonly seq: number;
  readonly messageId: MessageId;
  readonly contentHash: string;
  readonly atMs: number;
}
interface Found extends EarlierAppend {
  readonly sender: string;
  readonly clientId: string;
}
interface Waiting {
  readonly room: number;
  readonly seq: number;
  readonly hash: number;
}

const hashRange = 2 ** 48;
const defaults = {
  /** Ranges of the hashes, of which one is put into the table at a time. */
  parts: 128,
  /** About 8 MB. The more wait, the more of them share a page. */
  maxWaiting: 32_768,
  /** Appends without client ids wait for nothing, but what is to be read when the file is opened must stay bounded. */
  maxAppendsOfPart: 512,
};
export type ClientIdLimits = typeof defaults;

export class ClientIds {
  /** Each has a range of the hashes. */
  readonly #waiting: readonly JournaledMap<Waiting>[];
  readonly #limits: ClientIdLimits;
  #nextPart = 0;
  /** Parts that this transaction has sorted in. */
  #sorting = 0;
  #appends = 0;
  /** By room: records up to this one waited before part 0 was sorted last, so that all of them are in the table after the last part. */
  #before = new Map<number, number>();
  #since = new Map<number, number>();
  /** Of this transaction. */
  readonly #fresh: { readonly room: number; readonly seq: number }[] = [];
  readonly #isThere;
  readonly #sorted;
  readonly #record;
  readonly #insert;
  readonly #drop;
  readonly #upTo;

  constructor(db: Database, limits: ClientIdLimits = defaults) {
    this.#limits = limits;
    this.#waiting = Array.from({ length: limits.parts }, () => new JournaledMap<Waiting>());
    const found = 'message_id AS messageId, sender, client_id AS clientId, content_hash AS contentHash, at_ms AS atMs';
    this.#sorted = db
      .prepare<[number, number], number>(
        'SELECT record & 4294967295 FROM appends WHERE hash = ? AND (record >> 32) = ? ORDER BY record',
      )
      .pluck();
    this.#isThere = db.prepare<[number], number>('SELECT 1 FROM appends WHERE hash = ? LIMIT 1').pluck();
    this.#record = db.prepare<[number, number, number, number, number, number], Found>(
      `SELECT ? AS seq, ${found} FROM records WHERE id = ${recordId}
       UNION ALL SELECT ? AS seq, ${found} FROM outliving WHERE record = ${recordId}`,
    );
    this.#insert = db.prepare<[number, number, number]>(`INSERT OR IGNORE INTO appends VALUES (?, ${recordId})`);
    this.#drop = db.prepare<[number, number, number]>(`DELETE FROM appends WHERE hash = ? AND record = ${recordId}`);
    this.#upTo = db.prepare<[number, number]>('UPDATE rooms SET sorted = ? WHERE no = ?');
  }

  nameOf(room: number, sender: string, clientId: string): AppendName {
    const key = `${room} ${sender.length} ${sender}${clientId}`;
    return { room, sender, clientId, key, hash: Number.parseInt(hash('sha1', key).slice(0, 12), 16) };
  }

  find({ room, sender, clientId, key, hash }: AppendName): EarlierAppend | undefined {
    const waiting = this.#partOf(hash).get(key);
    if (!waiting && this.#isThere.get(hash) === undefined) return undefined;
    const candidates = waiting ? [waiting.seq] : this.#sorted.all(hash, room);
    for (const seq of candidates) {
      const found = this.#record.get(seq, room, seq, seq, room, seq);
      if (found && found.sender === sender && found.clientId === clientId) return found;
    }
    return undefined;
  }

  /** Of a record that is appended in the same transaction, or is not in the table yet. */
  add({ room, key, hash }: AppendName, seq: number): void {
    this.#partOf(hash).set(key, { room, seq, hash });
  }

  /** To be called for each record, in the order of a room's numbers. */
  appended(room: number, seq: number): void {
    this.#fresh.push({ room, seq });
  }

  /** The same of what waited already when the file was left: it does not make anything due. */
  waited(room: number, seq: number): void {
    this.#since.set(room, seq);
  }

  /** Before its record is trimmed: what waits is read from records alone. */
  settle({ room, key, hash }: AppendName, seq: number): void {
    if (this.#partOf(hash).delete(key)) this.#insert.run(hash, room, seq);
  }

  forget({ room, key, hash }: AppendName, seq: number): void {
    if (!this.#partOf(hash).delete(key)) this.#drop.run(hash, room, seq);
  }

  /** So many wait that some should be sorted in. */
  get isDue(): boolean {
    const { maxAppendsOfPart, maxWaiting } = this.#limits;
    return this.#appends >= maxAppendsOfPart || this.#waiting.reduce((sum, { size }) => sum + size, 0) > maxWaiting;
  }

  /**
   * Puts a range of them into the table, of appends that were many as many ranges as they make due: else more would come than
   * go. In a transaction of its own.
   */
  sortSome(): void {
    const { parts, maxAppendsOfPart } = this.#limits;
    const due = Math.max(Math.floor(this.#appends / maxAppendsOfPart), 1);
    const some = this.#waiting.slice(this.#nextPart, this.#nextPart + due);
    for (const part of some) {
      const sorted = [...part.values()].sort((one, other) => one.hash - other.hash);
      for (const { hash, room, seq } of sorted) this.#insert.run(hash, room, seq);
      part.clear();
    }
    this.#sorting = some.length;
    if (this.#nextPart + some.length === parts) for (const [room, seq] of this.#before) this.#upTo.run(seq, room);
  }

  commit(): void {
    for (const part of this.#waiting) part.commit();
    for (const { room, seq } of this.#fresh) this.#since.set(room, seq);
    this.#appends += this.#fresh.length;
    this.#fresh.length = 0;
    if (this.#sorting === 0) return;
    this.#appends = Math.max(this.#appends - this.#sorting * this.#limits.maxAppendsOfPart, 0);
    this.#nextPart = (this.#nextPart + this.#sorting) % this.#limits.parts;
    this.#sorting = 0;
    if (this.#nextPart > 0) return;
    this.#before = this.#since;
    this.#since = new Map();
  }

  rollback(): void {
    for (const part of this.#waiting) part.rollback();
    this.#fresh.length = 0;
    this.#sorting = 0;
  }

  #partOf(hash: number): JournaledMap<Waiting> {
    const part = this.#waiting[Math.floor((hash / hashRange) * this.#limits.parts)];
    if (!part) throw new Error('A hash is out of its range.');
    return part;
  }
}
