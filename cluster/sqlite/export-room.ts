// The records of one room, oldest first, for a copy that another program reads.

import type { Head, StoredRecord } from '../room-log.ts';
import { openReadOnly } from './read-only.ts';
import { RecordsReader } from './records-reader.ts';
import { headOf, RoomsTable } from './rooms-table.ts';
import { TextIndex } from './text-index.ts';

export interface RoomExport {
  readonly head: Head;
  /** In pages; those that are appended meanwhile are not among them. Ending early closes the file. */
  readonly pages: Iterable<readonly StoredRecord[]>;
}

const page = { maxRecords: 1_000, maxBytes: 4 * 1024 * 1024 };
/** Names to choose from, for one who mistyped. */
const maxNames = 1_000;

/**
 * Reads beside a running server; each page is a transaction of its own, so that the server's checkpoints are not held up.
 * `absent`: there is no room log in the folder, or no such room in it.
 * @throws {StoreError}
 */
export function exportRoom(
  folder: string,
  room: string,
): RoomExport | { readonly absent: 'folder' } | { readonly absent: 'room'; readonly rooms: readonly string[] } {
  const db = openReadOnly(folder);
  if (db === undefined) return { absent: 'folder' };
  try {
    const rooms = new RoomsTable(db);
    const row = rooms.find(room);
    if (row === undefined || row.head < row.first) {
      const names = rooms.names('', maxNames);
      db.close();
      return { absent: 'room', rooms: names };
    }
    const found = row;
    const head = headOf(found);
    const reader = new RecordsReader(db, new TextIndex(db, rooms));
    function* pages() {
      try {
        let after = head.firstSeq - 1;
        for (;;) {
          const { records, more } = reader.read(found, { room, from: { after }, ...page });
          const wanted = records.filter(({ seq }) => seq <= head.seq);
          if (wanted.length > 0) yield wanted;
          after = records.at(-1)?.seq ?? head.seq;
          if (!more || after >= head.seq) return;
        }
      } finally {
        db?.close();
      }
    }
    return { head, pages: pages() };
  } catch (error) {
    db.close();
    throw error;
  }
}
