// The rooms of the memory engine, and what several nodes of one process need to write to them together.

import { createSecret, firstEpoch } from '../epochs.ts';
import { type AppendResult, type LogPush, type NewRecord, type PushedRecord, StoreError } from '../room-log.ts';
import { MemoryRoom } from './memory-room.ts';

/** `maxSize`: characters that it keeps; beyond them appends are refused. */
export class MemoryLogStore {
  readonly rooms = new Map<string, MemoryRoom>();
  readonly #maxSize: number;
  #secret = createSecret();
  #size = 0;

  constructor({ maxSize = 256 * 1024 * 1024 }: { maxSize?: number | undefined } = {}) {
    this.#maxSize = maxSize;
  }

  /** To be read: one that there is not leaves nothing behind. */
  find(name: string): MemoryRoom {
    return this.rooms.get(name) ?? new MemoryRoom(firstEpoch(this.#secret, name));
  }

  /** To be changed. */
  ensure(name: string): MemoryRoom {
    const room = this.find(name);
    this.rooms.set(name, room);
    return room;
  }

  /** Work that changes how much is kept. */
  counted<Result>(room: MemoryRoom, work: () => Result): Result {
    const before = room.size;
    const result = work();
    this.#size += room.size - before;
    return result;
  }

  /** @throws {StoreError} full */
  requireSpace(records: readonly NewRecord[]): void {
    const size = records.reduce((sum, { payload, searchText }) => sum + payload.length + searchText.length, 0);
    if (this.#size + size > this.#maxSize) throw new StoreError('full', 'The room log in memory is full.');
  }

  /** Everything is gone, and what begins again is another life of each log. */
  empty(): void {
    this.rooms.clear();
    this.#secret = createSecret();
    this.#size = 0;
  }
}

/** What followers are told of one call: of each room the records that are new. */
export function toPushes(
  appended: readonly { readonly record: NewRecord; readonly result: AppendResult }[],
  origin: string,
): LogPush[] {
  const byRoom = new Map<string, { head: Omit<LogPush, 'count' | 'bytes' | 'records'>; records: PushedRecord[] }>();
  for (const { record, result } of appended) {
    if (result.outcome !== 'appended' || result.duplicate) continue;
    const { epoch, seq, previousId = '' } = result;
    const ofRoom = byRoom.get(record.room) ?? {
      head: { room: record.room, epoch, firstSeq: seq, previousId, origin },
      records: [],
    };
    byRoom.set(record.room, ofRoom);
    ofRoom.records.push(toPushed(record, seq));
  }
  return [...byRoom.values()].map(({ head, records }) => {
    const bytes = records.reduce((sum, { payload }) => sum + payload.length, 0);
    return { ...head, count: records.length, bytes, records: () => records };
  });
}

function toPushed(record: NewRecord, seq: number): PushedRecord {
  const { messageId, kind, sender, clientId, atMs, payload, threadId, facts } = record;
  return { seq, messageId, kind, sender, clientId, atMs, payload, threadId, ...(facts && { facts }) };
}
