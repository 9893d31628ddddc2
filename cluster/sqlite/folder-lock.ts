// One server for a data folder. The lock is the kernel's, on a file that SQLite holds open: it ends with the process, however
// that ends. Who holds it stands in a file of its own, because closing any handle of the locked file would free the lock.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../room-log.ts';

export interface FolderLock {
  release(): void;
}

/** @throws {StoreError} naming the folder and the holder's process. */
export function lockFolder(folder: string): FolderLock {
  const holder = join(folder, 'lock.pid');
  const db = new Database(join(folder, 'lock.db'), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    const sentence = `The data folder ${folder} is in use by another server (process ${readHolder(holder)}).`;
    throw new StoreError('busy', `${sentence} Stop that one, or give this one a folder of its own.`, { cause: error });
  }
  try {
    writeFileSync(holder, `${process.pid}\n`);
  } catch {
    // A full disk: the lock holds without it, and reading goes on.
  }
  return {
    release: () => {
      if (!db.open) return;
      rmSync(holder, { force: true });
      db.close();
    },
  };
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
