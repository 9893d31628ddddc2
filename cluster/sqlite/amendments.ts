// What an append does to an earlier record of its room. In a transaction only.

import type { Database } from 'better-sqlite3';
import { type Amendment, type AppendResult, maxMarkMembers } from '../room-log.ts';
import type { RoomRow } from './rooms-table.ts';
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
  readonly #forgetHash;
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
    this.#target = db.prepare<[string, number], Target>(
      `SELECT id & 4294967295 AS seq, sender, erased, words, mentions FROM records
       WHERE message_id = ? AND (id >> 32) = ? AND kind = 'message'`,
    );
    this.#rewrite = db.prepare<[string, string, number, number, number, number, number]>(
      `UPDATE records SET payload = ?, words = ?, counted = ?, erased = ?, amended = ? WHERE id = ${recordId}`,
    );
    this.#emptyEdits = db.prepare<[number, number]>(
      `UPDATE records SET payload = '', content_hash = '', erased = 1 WHERE replaced = ${recordId}`,
    );
    this.#forgetHash = db.prepare<[number, number]>(`UPDATE records SET content_hash = '' WHERE id = ${recordId}`);
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
  apply(room: RoomRow, amendment: Amendment, seq: number): number | Refusal {
    const { no } = room;
    const target = this.#target.get(amendment.target, no);
    if (!target) return 'target-missing';
    if (target.erased) return 'target-erased';
    switch (amendment.kind) {
      case 'replace':
        this.#replace(room, target, amendment.payload, amendment.searchText, 0, seq);
        this.#emptyLastEdit.run(no, target.seq);
        break;
      case 'erase':
        this.#replace(room, target, amendment.payload, '', 1, seq);
        this.#emptyEdits.run(no, target.seq);
        this.#forgetHash.run(no, target.seq);
        this.#dropMarks.run(no, target.seq);
        break;
      case 'mark': {
        const since = this.#since.get(no, target.seq, amendment.key);
        if (since === undefined && (this.#keys.get(no, target.seq) ?? 0) >= amendment.maxKeys) return 'too-many-marks';
        const { changes } = this.#mark.run(no, target.seq, amendment.key, amendment.member, since ?? seq, seq);
        if (changes > 0 && (this.#members.get(no, target.seq, amendment.key) ?? 0) > maxMarkMembers) {
          this.#unmark.run(no, target.seq, amendment.key, amendment.member);
          return 'too-many-marks';
        }
        this.#touch.run(seq, no, target.seq);
        break;
      }
      case 'unmark':
        this.#unmark.run(no, target.seq, amendment.key, amendment.member);
        this.#touch.run(seq, no, target.seq);
    }
    return target.seq;
  }

  #replace(room: RoomRow, target: Target, payload: string, searchText: string, erased: 0 | 1, seq: number): void {
    const words = wordsOf(searchText);
    this.#text.remove(room, target.seq, target.words);
    this.#text.add(room, target.seq, words);
    this.#rewrite.run(payload, words, searchText === '' ? 0 : 1, erased, seq, room.no, target.seq);
    this.mention(room.no, target.seq, target.sender, target.mentions, searchText !== '');
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
