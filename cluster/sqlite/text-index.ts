// The words of messages, for the search. They wait in memory until there are some hundred: the index takes many at once, in the
// order of their ids, for much less. Their records are the copy on disk meanwhile.

import type { Database } from 'better-sqlite3';
import { searchWords, wordsMatch } from '../search-words.ts';
import { JournaledMap } from './journaled-map.ts';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { recordId } from './schema.ts';

interface Addition {
  readonly room: number;
  readonly seq: number;
  readonly words: string;
}

const defaults = {
  /** So many are put into the index together: 5 ms of work. */
  enough: 512,
  /** What is to be read when the file is opened stays bounded, also where records have no words. */
  maxAppends: 4096,
};
export type TextLimits = typeof defaults;

export class TextIndex {
  readonly #rooms: RoomsTable;
  readonly #limits: TextLimits;
  readonly #waiting = new JournaledMap<Addition>();
  /** Rooms with records behind what was indexed. */
  readonly #behind = new Set<string>();
  #appends = 0;
  #isIndexing = false;
  readonly #add;
  readonly #remove;
  readonly #find;

  constructor(db: Database, rooms: RoomsTable, limits: TextLimits = defaults) {
    this.#rooms = rooms;
    this.#limits = limits;
    this.#add = db.prepare<[number, number, string]>(`INSERT INTO found (rowid, words) VALUES (${recordId}, ?)`);
    this.#remove = db.prepare<[number, number, string]>(
      `INSERT INTO found (found, rowid, words) VALUES ('delete', ${recordId}, ?)`,
    );
    this.#find = db
      .prepare<[string, number, number, number, number], number>(
        `SELECT rowid & 4294967295 FROM found WHERE found MATCH ? AND rowid > (? << 32) AND rowid < ${recordId} ORDER BY rowid DESC LIMIT ?`,
      )
      .pluck();
  }

  /** To be called for each record. `words` as {@link wordsOf} made them. */
  appended(room: RoomRow, seq: number, words: string): void {
    this.#behind.add(room.name);
    this.#appends++;
    this.add(room, seq, words);
  }

  add(room: RoomRow, seq: number, words: string): void {
    if (words === '') return;
    if (seq <= room.indexed) this.#add.run(room.no, seq, termsOf(room.no, words));
    else this.#waiting.set(`${room.no} ${seq}`, { room: room.no, seq, words });
  }

  remove(room: RoomRow, seq: number, words: string): void {
    if (words === '') return;
    if (seq <= room.indexed) this.#remove.run(room.no, seq, termsOf(room.no, words));
    else this.#waiting.delete(`${room.no} ${seq}`);
  }

  get isDue(): boolean {
    return this.#waiting.size >= this.#limits.enough || this.#appends >= this.#limits.maxAppends;
  }

  /** Puts into the index all that waits. In a transaction of its own. */
  indexWaiting(): void {
    const additions = [...this.#waiting.values()].sort((one, other) => one.room - other.room || one.seq - other.seq);
    for (const { room, seq, words } of additions) this.#add.run(room, seq, termsOf(room, words));
    for (const name of this.#behind) {
      const row = this.#rooms.find(name);
      // One that began in a transaction that was taken back is not there.
      if (row === undefined) continue;
      row.indexed = row.head;
      this.#rooms.changed(row);
    }
    this.#waiting.clear();
    this.#isIndexing = true;
  }

  commit(): void {
    this.#waiting.commit();
    if (!this.#isIndexing) return;
    this.#isIndexing = false;
    this.#behind.clear();
    this.#appends = 0;
  }

  rollback(): void {
    this.#waiting.rollback();
    this.#isIndexing = false;
  }

  /** The numbers of the newest records that have the words. */
  find(room: number, query: string, before: number, limit: number): number[] {
    const words = searchWords(query);
    if (words.length === 0) return [];
    const waiting = [...this.#waiting.values()]
      .filter((it) => it.room === room && it.seq < before && wordsMatch(it.words.split(' '), words))
      .map(({ seq }) => seq)
      .sort((one, other) => other - one)
      .slice(0, limit);
    if (waiting.length === limit) return waiting;
    const terms = words.map((word, at) => `"${room}_${word}"${at === words.length - 1 ? '*' : ''}`);
    // What waits is newer than what was indexed.
    return [...waiting, ...this.#find.all(terms.join(' AND '), room, room, before, limit - waiting.length)];
  }
}

export const wordsOf = (searchText: string): string => (searchText === '' ? '' : searchWords(searchText).join(' '));

const termsOf = (room: number, words: string): string => `${room}_${words.replaceAll(' ', ` ${room}_`)}`;
