import type { RoomLog } from '../../cluster/room-log.ts';
import type { Unread } from '../../proto/gen/types.ts';
import { AskedTogether } from './asked-together.ts';
import { loadUnread, type Reader } from './unread.ts';

/** Counting takes the store up to a millisecond each. */
export const maxReadersOfCall = 500;
/** Readers that wait; beyond it STORE_BUSY. */
export const maxWaitingReaders = 10_000;

/** What those who are about to come into rooms have not read: one call for all who come together. */
export class UnreadLoader {
  readonly #readers: AskedTogether<Reader, Unread>;

  constructor(roomLog: Pick<RoomLog, 'watermarksOf' | 'count'>) {
    this.#readers = new AskedTogether({
      ask: (readers) => loadUnread(roomLog, readers),
      maxOfCall: maxReadersOfCall,
      maxWaiting: maxWaitingReaders,
    });
  }

  /** @throws {AppError} STORE_BUSY, STORE_UNAVAILABLE and its like, by rejection. */
  load(reader: Reader): Promise<Unread> {
    return this.#readers.get(reader);
  }
}
