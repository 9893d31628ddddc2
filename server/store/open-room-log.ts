// Which store the logs of the rooms are in, and what to do when it cannot be opened.

import { resolve } from 'node:path';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type RoomLog, StoreError } from '../../cluster/room-log.ts';
import { openSqliteRoomLog } from '../../cluster/sqlite/sqlite-room-log.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import { storeSentences } from './store-sentences.ts';

/** @throws {StartError} */
export async function openRoomLog(
  { dataDir, store }: Pick<Config, 'dataDir' | 'store'>,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<RoomLog> {
  if (store.engine === 'memory') return createMemoryRoomLog({ clock });
  const folder = resolve(dataDir);
  try {
    return await openSqliteRoomLog({ folder, durability: store.durability, log, clock });
  } catch (error) {
    throw toStartError(folder, error);
  }
}

function toStartError(folder: string, error: unknown): StartError {
  const message = error instanceof Error ? error.message : String(error);
  const { what, mend } = error instanceof StoreError ? storeSentences(error) : { what: message };
  return new StartError('opening the store of the rooms', mend === undefined ? `${folder}: ${what}` : what, {
    mend: `${mend ?? 'dataDir (PARLEY_DATA_DIR) must be a folder that this user can write, on a disk with space.'} \`parley doctor\` looks at it.`,
    cause: error,
  });
}
