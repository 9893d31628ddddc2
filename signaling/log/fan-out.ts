// Tells the peers of a room what is new in its log. A room with many peers collects for a moment: a frame for each reader
// is the cost, not the records in it.

import type { Clock, Timer } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { Follower } from './follower.ts';
import { eventLimits, toLogEvents } from './log-event.ts';
import { sizeOf } from './record-ring.ts';

interface FanOutParts {
  readonly room: RoomId;
  readonly clock: Clock;
  /** How long records wait at most. */
  readonly coalesceMs: number;
  readonly members: readonly { readonly follower: Follower }[];
  /** Called before anything is told. */
  readonly beforeTelling: () => void;
}

/** For so many peers a millisecond is waited. */
const peersPerMs = 25;

export class FanOut {
  readonly #parts: FanOutParts;
  #records: LogRecord[] = [];
  #bytes = 0;
  #epoch = '';
  #timer: Timer | undefined;

  constructor(parts: FanOutParts) {
    this.#parts = parts;
  }

  /** What goes on from what was added before. */
  add(records: readonly LogRecord[], epoch: string): void {
    if (epoch !== this.#epoch) this.flush();
    this.#epoch = epoch;
    if (this.#timer === undefined) {
      this.#tell(records);
      return;
    }
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += sizeOf(record);
    }
    if (this.#records.length >= eventLimits.maxRecords || this.#bytes >= eventLimits.maxBytes) this.flush();
  }

  /** Tells what was collected. What comes next is collected again when that is soon. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    this.#tell(records);
  }

  #tell(records: readonly LogRecord[]): void {
    const { room, members, beforeTelling, clock, coalesceMs } = this.#parts;
    beforeTelling();
    for (const event of toLogEvents(room, this.#epoch, records)) {
      for (let index = 0; index < members.length; index++) members[index]?.follower.push(event);
    }
    const pauseMs = Math.min(coalesceMs, members.length / peersPerMs);
    if (pauseMs >= 1) this.#timer = clock.after(pauseMs, () => this.flush());
  }

  /** What was collected is told to nobody. */
  drop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#records = [];
    this.#bytes = 0;
  }
}
