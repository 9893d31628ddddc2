import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreError } from '../../cluster/room-log.ts';
import { inspectFolder, requireUnlocked } from '../../cluster/sqlite/inspect-folder.ts';
import { storeSentences } from '../store/store-sentences.ts';
import { broken, type Check, type Finding, fine, toMessage, warning } from './check.ts';

const subject = 'Room log';
/** Larger databases are not read as a whole: that would take minutes. */
const checkUpToBytes = 1024 * 1024 * 1024;
/** Below it a busy server has days, not months. */
const comfortableBytes = 1024 * 1024 * 1024;
/** Below it the write-ahead log of one burst does not fit. */
const neededBytes = 64 * 1024 * 1024;
const busyMend = 'stop that server, or set dataDir (PARLEY_DATA_DIR) to another folder';
const otherMend = 'restore the file from a backup, or move it away to begin with empty rooms';

/** The log in a folder that no server should be using. */
export const checkStore: Check = (config) => examineStore(config, { inUse: false });

/** The log in the folder of a server that is running: it has the lock, and may. */
export const checkStoreInUse: Check = (config) => examineStore(config, { inUse: true });

function examineStore({ dataDir, store }: Parameters<Check>[0], { inUse }: { inUse: boolean }): readonly Finding[] {
  if (store.engine === 'memory') {
    return [warning(subject, 'in memory: messages are gone with the process', 'store.engine: sqlite')];
  }
  const folder = resolve(dataDir);
  try {
    if (!inUse) requireUnlocked(folder);
    const { bytes, rooms, checked } = inspectFolder(folder, { checkUpToBytes });
    return [fine(subject, describe({ bytes, rooms, checked })), judgeSpace(freeBytesAt(folder))];
  } catch (error) {
    if (!(error instanceof StoreError)) return [broken(subject, toMessage(error), otherMend)];
    const { what, mend = otherMend } = storeSentences(error);
    return [broken(subject, what, error.kind === 'busy' ? busyMend : mend)];
  }
}

function describe({ bytes, rooms, checked }: { bytes: number | undefined; rooms: number; checked: boolean }): string {
  if (bytes === undefined) return 'there is none yet';
  const state = checked ? 'undamaged' : 'not read as a whole, for its size';
  return `${rooms} ${rooms === 1 ? 'room' : 'rooms'} in ${inMegabytes(bytes)}, ${state}`;
}

/** A full disk refuses messages; reading goes on. */
export function judgeSpace(freeBytes: number): Finding {
  const text = `${inMegabytes(freeBytes)} free in the data folder`;
  if (freeBytes >= comfortableBytes) return fine('Disk space', text);
  const mend = 'free some, set dataDir to a larger disk, or chat.retentionMs and chat.retentionRecords to keep less';
  return freeBytes < neededBytes ? broken('Disk space', text, mend) : warning('Disk space', text, mend);
}

function freeBytesAt(folder: string): number {
  if (!existsSync(folder)) return freeBytesAt(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const inMegabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;
