// The room log that is gone with the process: for tests, and for servers that want no files.

import { type Clock, systemClock } from '../../core/clock.ts';
import { ofOneProcess } from '../of-one-process.ts';
import { type AppendResult, type NewRecord, type RoomLog, StoreError } from '../room-log.ts';
import type { MemoryLogNews } from './memory-log-news.ts';
import { MemoryLogStore, toPushes } from './memory-log-store.ts';

/** One of several nodes that write to the same store. */
export interface MemoryLogShare {
  readonly node: string;
  /** Its life now. */
  readonly origin: () => string;
  /** Of the room's owner. */
  readonly termOf: (room: string) => number | undefined;
  /** @throws {StoreError} away */
  readonly requireReachable: () => void;
  readonly news: MemoryLogNews;
  readonly state: Pick<RoomLog, 'state' | 'events'>;
}

interface MemoryRoomLogOptions {
  readonly clock?: Clock;
  /** Characters that it keeps; beyond them appends are refused. */
  readonly maxSize?: number;
  readonly store?: MemoryLogStore;
  readonly share?: MemoryLogShare;
}

/** Every answer is there in the turn of the call. */
export function createMemoryRoomLog(options: MemoryRoomLogOptions = {}): RoomLog {
  const { clock = systemClock, maxSize, store = new MemoryLogStore({ maxSize }), share } = options;
  let closed = false;

  /** So that a call without rooms fails too. */
  const whileOpen = <T>(work: () => T): Promise<T> => {
    try {
      if (closed) throw new StoreError('closed', 'The room log is closed.');
      share?.requireReachable();
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
  };

  function append(record: NewRecord): AppendResult {
    const { retryOnly, amendment, fence } = record;
    // What appends nothing leaves no room behind either.
    const room = retryOnly || amendment || fence !== undefined ? store.find(record.room) : store.ensure(record.room);
    if (fence !== undefined && fence !== share?.termOf(record.room)) {
      return room.hasAppended(record) ? room.append(record) : { outcome: 'refused', why: 'not-owner' };
    }
    const previousId = room.head().messageId;
    const result = store.counted(room, () => room.append(record));
    if (result.outcome !== 'appended' || result.duplicate) return result;
    store.rooms.set(record.room, room);
    return share === undefined ? result : { ...result, previousId };
  }

  function push(records: readonly NewRecord[], results: readonly AppendResult[]): void {
    if (share === undefined) return;
    const appended = results.flatMap((result, index) => {
      const record = records[index];
      return record === undefined ? [] : [{ record, result }];
    });
    for (const one of toPushes(appended, share.origin())) share.news.pushed(share.node, one);
  }

  return {
    ...ofOneProcess,
    ...(share && {
      follow: (room, news) => whileOpen(() => share.news.follow(share.node, room, news)),
      events: share.state.events,
    }),
    get state() {
      return share?.state.state ?? 'up';
    },
    durability: 'memory',
    append: (records) =>
      whileOpen(() => {
        store.requireSpace(records);
        const results = records.map(append);
        push(records, results);
        return results;
      }),
    open: (names) =>
      whileOpen(() =>
        names
          .map((name) => store.find(name))
          .map((room) => ({ head: room.head(), facts: Object.fromEntries(room.facts) })),
      ),
    read: (requests) => whileOpen(() => requests.map((request) => store.find(request.room).read(request))),
    search: ({ room, query, before, limit }) => whileOpen(() => store.find(room).search(query, before, limit)),
    trim: (name, limits) =>
      whileOpen(() => {
        const room = store.find(name);
        const trimmed = store.counted(room, () => room.trim(limits, clock.nowMs()));
        if (trimmed.trimmed > 0) share?.news.trimmed(share.node, name, room.head());
        return trimmed;
      }),
    bumpEpoch: (room, epoch) => whileOpen(() => store.ensure(room).bumpEpoch(epoch)),
    mark: (watermarks) =>
      whileOpen(() => {
        for (const watermark of watermarks) store.ensure(watermark.room).mark(watermark);
      }),
    watermarks: (room) => whileOpen(() => store.find(room).watermarks()),
    watermarksOf: (who) => whileOpen(() => who.map((one) => store.find(one.room).watermarkOf(one))),
    count: (requests) =>
      whileOpen(() =>
        requests.map(({ room, after, identity, limit }) => store.find(room).count(after, identity, limit)),
      ),
    rooms: (after, limit) =>
      whileOpen(() =>
        Array.from(store.rooms)
          .filter(([name, room]) => name > after && room.hasRecords)
          .map(([name]) => name)
          .sort()
          .slice(0, limit),
      ),
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  };
}
