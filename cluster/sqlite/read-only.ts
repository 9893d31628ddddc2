// A look into the database of a folder beside the server that has it, or without any: nothing is written, nothing is locked.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../room-log.ts';
import { applicationId, schemaVersion } from './schema.ts';

export const databaseName = 'room-log.db';

/** undefined: there is none in this folder. @throws {StoreError} `corrupt`, when it cannot be read by this version. */
export function openReadOnly(folder: string): Database.Database | undefined {
  const file = join(folder, databaseName);
  if (!existsSync(file)) return undefined;
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
    const version = Number(db.pragma('user_version', { simple: true }));
    if (db.pragma('application_id', { simple: true }) !== applicationId) throw refuse(file, 'is of another program');
    if (version > schemaVersion) throw refuse(file, 'was written by a newer Parley');
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof StoreError) throw error;
    throw refuse(file, `cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

function refuse(file: string, what: string, cause?: unknown): StoreError {
  return new StoreError('corrupt', `The room log ${file} ${what}.`, { cause });
}
