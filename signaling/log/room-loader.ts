// What is in the store of rooms that are about to be used: rooms that are asked for together are asked of the store
// together, and while a call is under way the next one collects.

import type { ReadPage, RoomLog, RoomMemory } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { RoomId } from '../../core/ids.ts';
import { maxRingBytes, maxRingRecords } from './record-ring.ts';
import { storeBusyRetryMs, toStoreProblem } from './store-problem.ts';

/** What a room keeps, and its newest records. */
export interface LoadedLog {
  readonly memory: RoomMemory;
  readonly newest: ReadPage;
}

interface Waiting {
  readonly room: RoomId;
  readonly resolve: (loaded: LoadedLog) => void;
  readonly reject: (problem: AppError) => void;
}

/** An answer has up to 256 KB of each. */
export const maxRoomsOfCall = 50;
/** Rooms that wait; beyond it STORE_BUSY. */
export const maxWaitingRooms = 10_000;

export class RoomLoader {
  readonly #roomLog: Pick<RoomLog, 'open' | 'read'>;
  readonly #waiting: Waiting[] = [];
  #busy = false;

  constructor(roomLog: Pick<RoomLog, 'open' | 'read'>) {
    this.#roomLog = roomLog;
  }

  /** @throws {AppError} STORE_BUSY, STORE_UNAVAILABLE and its like, by rejection. */
  load(room: RoomId): Promise<LoadedLog> {
    if (this.#waiting.length >= maxWaitingRooms) {
      return Promise.reject(new AppError('STORE_BUSY', {}, { retryAfterMs: storeBusyRetryMs }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ room, resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      queueMicrotask(() => void this.#callStore());
    });
  }

  async #callStore(): Promise<void> {
    while (this.#waiting.length > 0) {
      const rooms = this.#waiting.splice(0, maxRoomsOfCall);
      try {
        await this.#answer(rooms);
      } catch (thrown) {
        const problem = toStoreProblem(thrown);
        for (const { reject } of rooms) reject(problem);
      }
    }
    this.#busy = false;
  }

  async #answer(rooms: readonly Waiting[]): Promise<void> {
    const from = { before: Number.MAX_SAFE_INTEGER };
    const newestOf = ({ room }: Waiting) => ({ room, from, maxRecords: maxRingRecords, maxBytes: maxRingBytes });
    // In this order, and nothing of ours appends between them.
    const [memories, pages] = await Promise.all([
      this.#roomLog.open(rooms.map(({ room }) => room)),
      this.#roomLog.read(rooms.map(newestOf)),
    ]);
    for (const [index, { resolve, reject }] of rooms.entries()) {
      const [memory, newest] = [memories[index], pages[index]];
      if (memory !== undefined && newest !== undefined) resolve({ memory, newest });
      else reject(new AppError('INTERNAL'));
    }
  }
}
