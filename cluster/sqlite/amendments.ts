// What an append does to an earlier record of its room. In a transaction only.

import type { Database } from 'better-sqlite3';
import { type Amendment, type AppendResult, maxMarkMembers } from '../room-log.ts';
import { recordId } from './schema.ts';
import { type TextIndex, wordsOf } from './text-index.ts';

type Refusal = Extract<AppendResult, { outcome: 'refused' }>['why'];
interface Target {
  readonly seq: number;
  readonly sender: string;
  readonly erased: number;
  readonly words: string;
  readonly mentions: string;
}

export class Amendments {
  readonly #text: TextIndex;
  readonly #target;
  readonly #rewrite;
  readonly #emptyEdits;
  readonly #forgetHashes;
  readonly #emptyLastEdit;
  readonly #touch;
  readonly #addMention;
  readonly #dropMention;
  readonly #since;
  readonly #keys;
  readonly #members;
  readonly #mark;
  readonly #unmark;
  readonly #dropMarks;

  constructor(db: Database, text: TextIndex) {
    this.#text = text;
    this.#target = db.prepare<[number, string], Target>(
      `SELECT id & 4294967295 AS seq, sender, erased, words, mentions FROM records
       WHERE (id >> 32) = ? AND message_id = ? AND kind = 'message'`,
    );
    this.#rewrite = db.prepare<[string, string, number, number, number, number, number]>(
      `UPDATE records SET payload = ?, words = ?, counted = ?, erased = ?, amended = ? WHERE id = ${recordId}`,
    );
    this.#emptyEdits = db.prepare<[number, number]>(
      `UPDATE records SET payload = '', erased = 1 WHERE replaced = ${recordId}`,
    );
    this.#forgetHashes = db.prepare<[number, number, number, number, number]>(
      `UPDATE appends SET hash = '' WHERE room = ? AND (sender, client_id) IN (
         SELECT sender, client_id FROM records WHERE (id = ${recordId} OR replaced = ${recordId}) AND client_id <> '')`,
    );
    // Those before it are empty already.
    this.#emptyLastEdit = db.prepare<[number, number]>(
      `UPDATE records SET payload = '' WHERE id = (SELECT max(id) FROM records WHERE replaced = ${recordId})`,
    );
    this.#touch = db.prepare<[number, number, number]>(
      `UPDATE records SET amended = ?, marked = 1 WHERE id = ${recordId}`,
    );
    this.#addMention = db.prepare<[number, string, number]>('INSERT OR IGNORE INTO mentions VALUES (?, ?, ?)');
    this.#dropMention = db.prepare<[number, string, number]>(
      'DELETE FROM mentions WHERE room = ? AND identity = ? AND seq = ?',
    );
    this.#since = db
      .prepare<[number, number, string], number>(
        `SELECT since FROM marks WHERE record = ${recordId} AND key = ? LIMIT 1`,
      )
      .pluck();
    this.#keys = db
      .prepare<[number, number], number>(`SELECT count(DISTINCT key) FROM marks WHERE record = ${recordId}`)
      .pluck();
    this.#members = db
      .prepare<[number, number, string], number>(`SELECT count(*) FROM marks WHERE record = ${recordId} AND key = ?`)
      .pluck();
    this.#mark = db.prepare<[number, number, string, string, number, number]>(
      `INSERT OR IGNORE INTO marks VALUES (${recordId}, ?, ?, ?, ?)`,
    );
    this.#unmark = db.prepare<[number, number, string, string]>(
      `DELETE FROM marks WHERE record = ${recordId} AND key = ? AND member = ?`,
    );
    this.#dropMarks = db.prepare<[number, number]>(`DELETE FROM marks WHERE record = ${recordId}`);
  }

  /** The number of the target, or why nothing was done. `seq`: of the record that amends. */
  apply(room: number, amendment: Amendment, seq: number): number | Refusal {
    const target = this.#target.get(room, amendment.target);
    if (!target) return 'target-missing';
    if (target.erased) return 'target-erased';
    switch (amendment.kind) {
      case 'replace':
        this.#replace(room, target, amendment.payload, amendment.searchText, 0, seq);
        this.#emptyLastEdit.run(room, target.seq);
        break;
      case 'erase':
        this.#replace(room, target, amendment.payload, '', 1, seq);
        this.#emptyEdits.run(room, target.seq);
        this.#forgetHashes.run(room, room, target.seq, room, target.seq);
        this.#dropMarks.run(room, target.seq);
        break;
      case 'mark': {
        const since = this.#since.get(room, target.seq, amendment.key);
        if (since === undefined && (this.#keys.get(room, target.seq) ?? 0) >= amendment.maxKeys)
          return 'too-many-marks';
        const { changes } = this.#mark.run(room, target.seq, amendment.key, amendment.member, since ?? seq, seq);
        if (changes > 0 && (this.#members.get(room, target.seq, amendment.key) ?? 0) > maxMarkMembers) {
          this.#unmark.run(room, target.seq, amendment.key, amendment.member);
          return 'too-many-marks';
        }
        this.#touch.run(seq, room, target.seq);
        break;
      }
      case 'unmark':
        this.#unmark.run(room, target.seq, amendment.key, amendment.member);
        this.#touch.run(seq, room, target.seq);
    }
    return target.seq;
  }

  #replace(room: number, target: Target, payload: string, searchText: string, erased: 0 | 1, seq: number): void {
    const words = wordsOf(searchText);
    this.#text.remove(room, target.seq, target.words);
    this.#text.add(room, target.seq, words);
    this.#rewrite.run(payload, words, searchText === '' ? 0 : 1, erased, seq, room, target.seq);
    this.mention(room, target.seq, target.sender, target.mentions, searchText !== '');
  }

  /** `mentions`: as the record has them, JSON or empty. Those of a record that is not counted are not either. */
  mention(room: number, seq: number, sender: string, mentions: string, on: boolean): void {
    if (mentions === '') return;
    for (const identity of JSON.parse(mentions) as string[]) {
      if (!on) this.#dropMention.run(room, identity, seq);
      else if (identity !== sender) this.#addMention.run(room, identity, seq);
    }
  }
}
