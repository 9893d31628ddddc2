// What is in the store of rooms that are about to be used.

import type { ReadPage, RoomLog, RoomMemory } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { RoomId } from '../../core/ids.ts';
import { AskedTogether } from './asked-together.ts';
import { maxRingBytes, maxRingRecords } from './record-ring.ts';
import { storeBusyRetryMs } from './store-problem.ts';

/** What a room keeps, and its newest records. */
export interface LoadedLog {
  readonly memory: RoomMemory;
  readonly newest: ReadPage;
}

/** An answer has up to 256 KB of each. */
export const maxRoomsOfCall = 50;
/** Rooms that wait; beyond it STORE_BUSY. */
export const maxWaitingRooms = 10_000;

/** Times that a room is asked for when it became another one between two questions. */
const maxTries = 3;

export class RoomLoader {
  readonly #roomLog: Pick<RoomLog, 'open' | 'read'>;
  readonly #rooms: AskedTogether<RoomId, LoadedLog>;

  constructor(roomLog: Pick<RoomLog, 'open' | 'read'>) {
    this.#roomLog = roomLog;
    this.#rooms = new AskedTogether({
      ask: (rooms) => this.#ask(rooms),
      maxOfCall: maxRoomsOfCall,
      maxWaiting: maxWaitingRooms,
    });
  }

  /** @throws {AppError} STORE_BUSY, STORE_UNAVAILABLE and its like, by rejection. */
  async load(room: RoomId): Promise<LoadedLog> {
    for (let tries = 0; tries < maxTries; tries++) {
      const loaded = await this.#rooms.get(room);
      if (isOne(loaded)) return loaded;
    }
    throw new AppError('STORE_UNAVAILABLE', {}, { retryAfterMs: storeBusyRetryMs });
  }

  async #ask(rooms: readonly RoomId[]): Promise<LoadedLog[]> {
    const from = { before: Number.MAX_SAFE_INTEGER };
    // In this order: others may append between them.
    const [memories, pages] = await Promise.all([
      this.#roomLog.open(rooms),
      this.#roomLog.read(rooms.map((room) => ({ room, from, maxRecords: maxRingRecords, maxBytes: maxRingBytes }))),
    ]);
    return memories.flatMap((memory, index) => {
      const newest = pages[index];
      return newest === undefined ? [] : [{ memory, newest }];
    });
  }
}

/** Both are of the same log, and the newest record is that of the head. */
function isOne({ memory: { head }, newest }: LoadedLog): boolean {
  const last = newest.records.findLast(({ seq }) => seq <= head.seq);
  return newest.head.epoch === head.epoch && (last === undefined || last.messageId === head.messageId);
}
