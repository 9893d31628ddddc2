// What a person wants to know of a data folder before a server starts in it.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../room-log.ts';
import { lockFolder } from './folder-lock.ts';
import { databaseName, openReadOnly } from './read-only.ts';

export interface FolderReport {
  /** Of the database and what is not yet in it; undefined: there is none yet. */
  readonly bytes: number | undefined;
  readonly rooms: number;
  /** It was read as a whole: larger ones take long. */
  readonly checked: boolean;
}

/** @throws {StoreError} `corrupt`, when this version cannot read it or it is damaged. */
export function inspectFolder(folder: string, { checkUpToBytes }: { checkUpToBytes: number }): FolderReport {
  const db = openReadOnly(folder);
  if (db === undefined) return { bytes: undefined, rooms: 0, checked: false };
  try {
    const sizes = ['', '-wal'].map((end) => join(folder, databaseName + end)).filter((file) => existsSync(file));
    const bytes = sizes.reduce((sum, file) => sum + statSync(file).size, 0);
    const checked = bytes <= checkUpToBytes;
    const found = checked ? db.prepare<[], string>('PRAGMA quick_check(1)').pluck().get() : 'ok';
    if (found !== 'ok')
      throw new StoreError('corrupt', `The room log ${join(folder, databaseName)} is damaged: ${found}`);
    const count = db.prepare<[], number>(
      'SELECT count(*) FROM rooms WHERE EXISTS (SELECT 1 FROM records WHERE id > (no << 32) AND id < ((no + 1) << 32))',
    );
    const rooms = count.pluck().get() ?? 0;
    return { bytes, rooms, checked };
  } finally {
    db.close();
  }
}

/** @throws {StoreError} `busy`, which names the holder. A folder in which no server ever was is left as it is. */
export function requireUnlocked(folder: string): void {
  if (existsSync(join(folder, 'lock.db'))) lockFolder(folder).release();
}
