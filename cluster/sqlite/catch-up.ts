// What waited in memory when the file was left is read from its records again.

import type { Database } from 'better-sqlite3';
import type { ClientIds } from './client-ids.ts';
import type { RoomRow, RoomsTable } from './rooms-table.ts';
import { recordId } from './schema.ts';
import type { TextIndex } from './text-index.ts';

interface Behind {
  readonly name: string;
  readonly sorted: number;
}
interface Row {
  readonly seq: number;
  readonly sender: string;
  readonly clientId: string;
  readonly words: string;
}

/** In a transaction only. */
export function catchUp(
  db: Database,
  { rooms, text, ids }: { rooms: RoomsTable; text: TextIndex; ids: ClientIds },
): void {
  const behind = db.prepare<[], Behind>(
    `SELECT name, sorted FROM rooms WHERE EXISTS (
       SELECT 1 FROM records WHERE id > ((no << 32) | min(indexed, sorted)) AND id < ((no + 1) << 32))`,
  );
  // One at a time, and the words only of those that need them: texts may be long, and a hundred thousand of them.
  const newest = db.prepare<[number, number, number, number], Row>(
    `SELECT id & 4294967295 AS seq, sender, client_id AS clientId, iif(id & 4294967295 > ?, words, '') AS words FROM records
     WHERE id > ${recordId} AND id < ((? + 1) << 32) ORDER BY id`,
  );
  for (const { name, sorted } of behind.all()) {
    const room = rooms.ensure(name);
    const from = Math.min(room.indexed, sorted);
    for (const row of newest.iterate(room.indexed, room.no, from, room.no)) take(room, row, sorted);
  }

  function take(room: RoomRow, { seq, sender, clientId, words }: Row, sorted: number): void {
    if (seq > room.indexed) text.appended(room, seq, words);
    if (seq <= sorted) return;
    ids.waited(room.no, seq);
    if (clientId !== '') ids.add(ids.nameOf(room.no, sender, clientId), seq);
  }
}
