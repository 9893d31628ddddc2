// Opens the database, or says why it must not be opened and what to do then.

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { createSecret } from '../epochs.ts';
import { StoreError } from '../room-log.ts';
import { applicationId, schema, schemaVersion } from './schema.ts';

export interface DatabaseOptions {
  readonly file: string;
  readonly durability: 'disk' | 'process';
  /** A limit of the file in pages of 4 KB; beyond it appends are refused as on a full disk. */
  readonly maxPages?: number | undefined;
  /** Larger files are not read as a whole at the start. */
  readonly checkUpToBytes: number;
}

const magic = 'SQLite format 3\0';

export function openDatabase({ file, durability, maxPages, checkUpToBytes }: DatabaseOptions): Database.Database {
  const isThere = existsSync(file) && statSync(file).size > 0;
  if (isThere && readStart(file) !== magic) throw refuse(file, 'is no database');
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 5000 });
    if (isThere) check(db, file, checkUpToBytes);
    // Freed pages are overwritten with zeros: what was erased is not left in the file.
    db.pragma('secure_delete = ON');
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${durability === 'disk' ? 'FULL' : 'NORMAL'}`);
    db.pragma('cache_size = -32000');
    db.pragma('temp_store = MEMORY');
    // The store does it itself, much sooner.
    db.pragma('wal_autocheckpoint = 24000');
    db.pragma('journal_size_limit = 67108864');
    if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`);
    if (db.pragma('user_version', { simple: true }) === 0) {
      db.exec(`BEGIN; ${schema} INSERT INTO store VALUES ('${createSecret()}'); COMMIT`);
    }
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) {
      throw refuse(file, `is damaged (${error.message})`, error);
    }
    throw error;
  }
}

function check(db: Database.Database, file: string, checkUpToBytes: number): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > schemaVersion) {
    const sentence = `The room log ${file} was written by a newer Parley (its version is ${version}, this one knows up to ${schemaVersion}).`;
    throw new StoreError('corrupt', `${sentence} Start that one, or restore a backup made before the update.`);
  }
  // Before anything is written to it. Without tables it is one of ours whose first start was cut off.
  const isOurs =
    version > 0
      ? db.pragma('application_id', { simple: true }) === applicationId
      : db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (!isOurs) throw refuse(file, 'is the database of another program');
  // Short of the whole file: a file that lost its end has fewer pages than it says.
  const pages = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const size = statSync(file).size;
  const wal = existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0;
  if (wal === 0 && size < pages) throw refuse(file, `is damaged (${size} of ${pages} bytes are there)`);
  if (size > checkUpToBytes) return;
  const found = db.prepare('PRAGMA quick_check(1)').pluck().get();
  if (found !== 'ok') throw refuse(file, `is damaged (${String(found).split('\n').join(' ')})`);
}

function refuse(file: string, what: string, cause?: unknown): StoreError {
  const mend = `Restore the file from a backup, or save what is readable with "sqlite3 ${file} .recover", or move the file away to begin with an empty log.`;
  return new StoreError('corrupt', `The room log ${file} ${what}. ${mend}`, { cause });
}

function readStart(file: string): string {
  const start = Buffer.alloc(magic.length);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, start, 0, start.length, 0);
  } finally {
    closeSync(handle);
  }
  return start.toString('latin1');
}
