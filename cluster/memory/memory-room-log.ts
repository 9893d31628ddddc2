// The room log that is gone with the process: for tests, and for servers that want no files.

import { type Clock, systemClock } from '../../core/clock.ts';
import { createSecret, firstEpoch } from '../epochs.ts';
import { type NewRecord, type RoomLog, StoreError } from '../room-log.ts';
import { MemoryRoom } from './memory-room.ts';

/** Every answer is there in the turn of the call. `maxSize`: characters that it keeps; beyond them appends are refused. */
export function createMemoryRoomLog(options: { clock?: Clock; maxSize?: number } = {}): RoomLog {
  const { clock = systemClock, maxSize = 256 * 1024 * 1024 } = options;
  const rooms = new Map<string, MemoryRoom>();
  const secret = createSecret();
  let closed = false;

  /** To be read: one that there is not leaves nothing behind. */
  const roomOf = (name: string): MemoryRoom => rooms.get(name) ?? new MemoryRoom(firstEpoch(secret, name));

  /** To be changed. */
  const ensure = (name: string): MemoryRoom => {
    const room = roomOf(name);
    rooms.set(name, room);
    return room;
  };

  /** So that a call without rooms fails too. */
  const whileOpen = <T>(work: () => T): Promise<T> => {
    try {
      if (closed) throw new StoreError('closed', 'The room log is closed.');
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
  };

  let size = 0;
  const counted = <T>(room: MemoryRoom, work: () => T): T => {
    const before = room.size;
    const result = work();
    size += room.size - before;
    return result;
  };

  const sizeOf = (records: readonly NewRecord[]): number =>
    records.reduce((sum, { payload, searchText }) => sum + payload.length + searchText.length, 0);

  return {
    durability: 'memory',
    append: (records) =>
      whileOpen(() => {
        if (size + sizeOf(records) > maxSize) throw new StoreError('full', 'The room log in memory is full.');
        return records.map((record) => {
          // What appends nothing leaves no room behind either.
          const room = record.retryOnly || record.amendment ? roomOf(record.room) : ensure(record.room);
          return counted(room, () => room.append(record));
        });
      }),
    open: (names) =>
      whileOpen(() => names.map(roomOf).map((room) => ({ head: room.head(), facts: Object.fromEntries(room.facts) }))),
    read: (requests) => whileOpen(() => requests.map((request) => roomOf(request.room).read(request))),
    search: ({ room, query, before, limit }) => whileOpen(() => roomOf(room).search(query, before, limit)),
    trim: (name, limits) =>
      whileOpen(() => {
        const room = roomOf(name);
        return counted(room, () => room.trim(limits, clock.nowMs()));
      }),
    bumpEpoch: (room, epoch) => whileOpen(() => ensure(room).bumpEpoch(epoch)),
    mark: (watermarks) =>
      whileOpen(() => {
        for (const watermark of watermarks) ensure(watermark.room).mark(watermark);
      }),
    watermarks: (room) => whileOpen(() => roomOf(room).watermarks()),
    watermarksOf: (who) => whileOpen(() => who.map((one) => roomOf(one.room).watermarkOf(one))),
    count: (requests) =>
      whileOpen(() => requests.map(({ room, after, identity, limit }) => roomOf(room).count(after, identity, limit))),
    rooms: (after, limit) =>
      whileOpen(() =>
        Array.from(rooms)
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
