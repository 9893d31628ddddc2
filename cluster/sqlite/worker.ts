// The thread that has the database. One call after the other, in the order in which they came.

import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { StoreError } from '../room-log.ts';
import { type DatabaseOptions, openDatabase } from './open-database.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Answer, Call } from './store-thread.ts';

const port = parentPort;
if (!port) throw new Error('This file is the entry of a worker.');

const answer = (it: Answer) => port.postMessage(it);

function describe(error: unknown): { kind: StoreError['kind']; message: string } {
  if (error instanceof StoreError) return { kind: error.kind, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Database.SqliteError)) return { kind: 'unknown', message };
  return { kind: kindOf(error.code), message: `${message} (${error.code})` };
}

function kindOf(code: string): StoreError['kind'] {
  // The shared-memory file could not grow: the same cause, met elsewhere.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return 'full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_BUSY')) return 'busy';
  return 'unknown';
}

function serve(store: SqliteStore): void {
  port?.on('message', ({ id, method, args }: Call) => {
    if (method === 'close') {
      try {
        store.close();
      } finally {
        port.close();
      }
      return;
    }
    try {
      const work = store[method].bind(store) as (...args: unknown[]) => unknown;
      answer({ id, value: work(...args) });
    } catch (error) {
      const failure = describe(error);
      answer({ id, failure });
      // What the disk refused may be half done: only opening the file anew tells. The exit fails what waits as unknown.
      if (error instanceof Database.SqliteError && failure.kind === 'unknown') setImmediate(() => process.exit(1));
    }
  });
}

let store: SqliteStore | undefined;
try {
  store = new SqliteStore(openDatabase(workerData as DatabaseOptions));
} catch (error) {
  answer({ id: 0, failure: describe(error) });
}
if (store) {
  serve(store);
  answer({ id: 0, value: undefined });
}
