// Many calls in one transaction: a commit costs the disk the same for one as for a hundred.

import Database from 'better-sqlite3';
import { StoreError } from '../room-log.ts';
import type { SqliteStore, StoreMethod } from './sqlite-store.ts';
import type { Answer, Call } from './store-thread.ts';

export type StoreCall = Call & { readonly method: StoreMethod };

const writes: ReadonlySet<StoreMethod> = new Set(['appendPacked', 'trim', 'bumpEpoch', 'mark']);

export const isWrite = ({ method }: StoreCall): boolean => writes.has(method);

/**
 * In their order, each answered once all are committed. Where one fails, none of them was carried out, and each is tried by
 * itself. `lost`: the disk refused something that may be half done: only opening the file anew tells.
 */
export function answerCalls(store: SqliteStore, calls: readonly StoreCall[]): { answers: Answer[]; lost: boolean } {
  try {
    const answers = store.transaction(calls.some(isWrite) ? 'write' : 'read', () =>
      calls.map((call) => ({ id: call.id, value: carryOut(store, call) })),
    );
    return { answers, lost: false };
  } catch (error) {
    const failure = describeFailure(error);
    const lost = error instanceof Database.SqliteError && failure.kind === 'unknown' && !isOfValue(error.code);
    if (lost || calls.length === 1) return { answers: calls.map(({ id }) => ({ id, failure })), lost };
  }
  const answers: Answer[] = [];
  for (const call of calls) {
    const one = answerCalls(store, [call]);
    answers.push(...one.answers);
    // Those behind it are failed by the end of the thread.
    if (one.lost) return { answers, lost: true };
  }
  return { answers, lost: false };
}

function carryOut(store: SqliteStore, { method, args }: StoreCall): unknown {
  return (store[method] as (...args: readonly unknown[]) => unknown).apply(store, [...args]);
}

export function describeFailure(error: unknown): { kind: StoreError['kind']; message: string } {
  if (error instanceof StoreError) return { kind: error.kind, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Database.SqliteError)) return { kind: 'unknown', message };
  return { kind: kindOf(error.code), message: `${message} (${error.code})` };
}

/** It is not the disk: a value that a table or a statement does not take. */
const isOfValue = (code: string): boolean => /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);

function kindOf(code: string): StoreError['kind'] {
  // The shared-memory file could not grow: the same cause, met elsewhere.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return 'full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_BUSY')) return 'busy';
  return 'unknown';
}
