// The words of messages, for the search. They wait in memory until there are some hundred: the index takes many at once, in the
// order of their ids, for much less. Their records are the copy on disk meanwhile.

import type { Database, Statement } from 'better-sqlite3';
import { mayBeUnfinished, searchWords, wordsMatch } from '../search-words.ts';
import { JournaledMap } from './journaled-map.ts';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { recordId } from './schema.ts';

interface Addition {
  readonly room: number;
  readonly seq: number;
  readonly words: string;
}

/** Records of a block: their words are terms of their own, so that the beginning of a word is looked up in few at a time. */
const blockSize = 2 ** 14;
/** A search goes back through so many at most. */
const maxBlocks = 64;

const defaults = {
  /** So many are put into the index together: 5 ms of work. */
  enough: 512,
  /** What is to be read when the file is opened stays bounded, also where records have no words. */
  maxAppends: 4096,
};
export type TextLimits = typeof defaults;

/** Each addition is a part of the index; parts are merged later, so many pages of them at a time: 3 ms of work. */
const pagesOfMerge = 64;
/** A change of one text is a part of its own, if it comes alone. */
const enoughToMerge = 8;
/** Of the words, for each page (1 KB) that is to be merged because of them: they are written anew about six times. */
const bytesOfPage = 100;

export class TextIndex {
  readonly #rooms: RoomsTable;
  readonly #limits: TextLimits;
  readonly #waiting = new JournaledMap<Addition>();
  /** Rooms with records behind what was indexed. */
  readonly #behind = new Set<string>();
  #appends = 0;
  #isIndexing = false;
  /** Pages, as estimated. What was not merged before a restart is among the first. */
  #toMerge = 8 * pagesOfMerge;
  readonly #add;
  readonly #remove;
  readonly #find;
  readonly #merge;
  readonly #changes;

  constructor(db: Database, rooms: RoomsTable, limits: TextLimits = defaults) {
    this.#rooms = rooms;
    this.#limits = limits;
    this.#add = db.prepare<[number, number, string]>(`INSERT INTO found (rowid, words) VALUES (${recordId}, ?)`);
    this.#remove = db.prepare<[number, number, string]>(
      `INSERT INTO found (found, rowid, words) VALUES ('delete', ${recordId}, ?)`,
    );
    this.#merge = db.prepare<[number]>(`INSERT INTO found (found, rank) VALUES ('merge', ?)`);
    this.#changes = db.prepare<[], number>('SELECT total_changes()').pluck();
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
    if (seq <= room.indexed) this.#change(this.#add, room.no, seq, words);
    else this.#waiting.set(`${room.no} ${seq}`, { room: room.no, seq, words });
  }

  remove(room: RoomRow, seq: number, words: string): void {
    if (words === '') return;
    if (seq <= room.indexed) this.#change(this.#remove, room.no, seq, words);
    else this.#waiting.delete(`${room.no} ${seq}`);
  }

  #change(statement: Statement<[number, number, string]>, room: number, seq: number, words: string): void {
    statement.run(room, seq, termsOf(room, seq, words));
    this.#toMerge++;
  }

  get isDue(): boolean {
    return this.#waiting.size >= this.#limits.enough || this.#appends >= this.#limits.maxAppends;
  }

  get isToMerge(): boolean {
    return this.#toMerge >= enoughToMerge;
  }

  /** What is added is much at a time: merging cannot wait for a moment without. */
  get isToMergeNow(): boolean {
    return this.#toMerge > 16 * pagesOfMerge;
  }

  /** Where FTS5 does it by itself, one addition in ten waits 10 to 20 ms. The more there is to do, the larger the pieces. */
  mergeSome(): void {
    const pages = Math.max(pagesOfMerge, Math.ceil(this.#toMerge / 4));
    const before = this.#changes.get() ?? 0;
    this.#merge.run(pages);
    // As its manual says: fewer than two changes mean that there was nothing to do.
    const isDone = (this.#changes.get() ?? 0) - before < 2;
    this.#toMerge = isDone ? 0 : Math.max(this.#toMerge - pages, 0);
  }

  /** Puts into the index all that waits. In a transaction of its own. */
  indexWaiting(): void {
    let bytes = 0;
    for (const { words } of this.#waiting.values()) bytes += words.length;
    this.#toMerge += Math.max(bytes / bytesOfPage, pagesOfMerge);
    const additions = [...this.#waiting.values()].sort((one, other) => one.room - other.room || one.seq - other.seq);
    for (const { room, seq, words } of additions) this.#add.run(room, seq, termsOf(room, seq, words));
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

  /** The numbers of the newest records that have the words, of about a million before `before`. */
  find(room: RoomRow, query: string, before: number, limit: number): number[] {
    const words = searchWords(query);
    if (words.length === 0) return [];
    const found = this.#findWaiting(room, words, before).slice(0, limit);
    // What waits is newer than what was indexed.
    const newest = blockOf(Math.min(before - 1, room.indexed));
    const oldest = Math.max(blockOf(room.first), newest - maxBlocks + 1);
    for (let block = newest; block >= oldest && found.length < limit; block--) {
      found.push(...this.#findIndexed(room.no, { block, words, before, limit: limit - found.length }));
    }
    return found;
  }

  #findWaiting({ no }: RoomRow, words: readonly string[], before: number): number[] {
    const found: number[] = [];
    for (const it of this.#waiting.values()) {
      if (it.room === no && it.seq < before && wordsMatch(it.words.split(' '), words)) found.push(it.seq);
    }
    return found.sort((one, other) => other - one);
  }

  #findIndexed(
    room: number,
    { block, words, before, limit }: { block: number; words: readonly string[]; before: number; limit: number },
  ): number[] {
    const terms = words.map((word) => `"${room}_${block}_${word}"`);
    const look = (some: readonly string[], most: number) =>
      this.#find.all(some.join(' AND '), room, room, before, most);
    if (!mayBeUnfinished(words.at(-1) ?? '')) return look(terms, limit);
    // The whole words first, because they are found at once: the beginning of one is gathered from all that begin with it.
    const whole = terms.slice(0, -1);
    if (whole.length > 0 && look(whole, 1).length === 0) return [];
    return look([...whole, `${terms.at(-1)}*`], limit);
  }
}

export const wordsOf = (searchText: string): string => (searchText === '' ? '' : searchWords(searchText).join(' '));

const blockOf = (seq: number): number => Math.floor(seq / blockSize);

function termsOf(room: number, seq: number, words: string): string {
  const prefix = `${room}_${blockOf(seq)}_`;
  return prefix + words.replaceAll(' ', ` ${prefix}`);
}
