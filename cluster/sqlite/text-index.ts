// The words of messages, for the search. Additions wait for the end of the transaction: the index takes them fast only when
// their ids ascend, and a batch has several rooms.

import type { Database } from 'better-sqlite3';
import { searchWords } from '../search-words.ts';
import { recordId } from './schema.ts';

interface Addition {
  readonly room: number;
  readonly seq: number;
  words: string;
}

export class TextIndex {
  #waiting = new Map<string, Addition>();
  readonly #add;
  readonly #remove;
  readonly #find;

  constructor(db: Database) {
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

  /** `words` as {@link wordsOf} made them. */
  add(room: number, seq: number, words: string): void {
    if (words !== '') this.#waiting.set(`${room} ${seq}`, { room, seq, words });
  }

  remove(room: number, seq: number, words: string): void {
    if (words === '' || this.#waiting.delete(`${room} ${seq}`)) return;
    this.#remove.run(room, seq, termsOf(room, words));
  }

  /** Before the commit. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    const additions = [...this.#waiting.values()].sort((one, other) => one.room - other.room || one.seq - other.seq);
    this.#waiting.clear();
    for (const { room, seq, words } of additions) this.#add.run(room, seq, termsOf(room, words));
  }

  /** After a rollback. */
  forget(): void {
    this.#waiting.clear();
  }

  /** The numbers of the newest records that have the words. */
  find(room: number, query: string, before: number, limit: number): number[] {
    const words = searchWords(query);
    if (words.length === 0) return [];
    const terms = words.map((word, at) => `"${room}_${word}"${at === words.length - 1 ? '*' : ''}`);
    return this.#find.all(terms.join(' AND '), room, room, before, limit);
  }
}

export const wordsOf = (searchText: string): string => (searchText === '' ? '' : searchWords(searchText).join(' '));

const termsOf = (room: number, words: string): string => `${room}_${words.replaceAll(' ', ` ${room}_`)}`;
