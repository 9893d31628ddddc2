// Records on their way to readers: one event, encoded once, however many readers there are.

import { EventMessage } from '../../core/event-message.ts';
import type { RoomId } from '../../core/ids.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import { sizeOf } from './record-ring.ts';

/** Records that follow each other. */
export interface LogEvent {
  readonly message: EventMessage<'logRecords'>;
  readonly records: readonly LogRecord[];
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Of one event, so that one frame does not fill what a reader may have unsent. */
export const eventLimits = { maxRecords: 200, maxBytes: 64 * 1024 };

export function toLogEvent(room: RoomId, epoch: string, records: readonly LogRecord[]): LogEvent {
  return {
    message: new EventMessage('logRecords', { room, epoch, records: [...records] }),
    records,
    firstSeq: records[0]?.seq ?? 0,
    lastSeq: records.at(-1)?.seq ?? 0,
  };
}

/** In pieces that keep to the limits; each has at least one record. */
export function toLogEvents(room: RoomId, epoch: string, records: readonly LogRecord[]): LogEvent[] {
  if (records.length === 1) return [toLogEvent(room, epoch, records)];
  const events: LogEvent[] = [];
  let piece: LogRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    const isFull = piece.length >= eventLimits.maxRecords || bytes + size > eventLimits.maxBytes;
    if (piece.length > 0 && isFull) {
      events.push(toLogEvent(room, epoch, piece));
      piece = [];
      bytes = 0;
    }
    piece.push(record);
    bytes += size;
  }
  if (piece.length > 0) events.push(toLogEvent(room, epoch, piece));
  return events;
}
