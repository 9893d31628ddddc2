import type { Cursor, LogHead, LogRecord, LogRecords, RoomSync } from '../../../proto/gen/types.ts';
import type { LogSyncer, SyncTarget } from './log-syncer.ts';

export type GapReason = 'epoch' | 'trimmed' | 'fork' | 'slow';

export interface LogFollowerParts {
  readonly room: string;
  readonly syncer: Pick<LogSyncer, 'request' | 'forget'>;
  /** Each record once, in order, without a hole behind the cursor. */
  onRecords(records: readonly LogRecord[], live: boolean): void;
  /** What lies between the cursor of before and that of now is lost to this reader. */
  onGap(reason: GapReason): void;
  /** `catchingUp` changed. */
  onCatchingUp(): void;
}

/** Live records that are kept while older ones are still asked for; beyond it they are asked for as well. */
const maxHeldRecords = 1_000;

/**
 * Follows a room's log from a cursor. Whatever is missing before a live record is asked for: after a loss, and when a number
 * was left out. Until it is there, live records wait.
 */
export class LogFollower implements SyncTarget {
  readonly room: string;
  readonly #parts: LogFollowerParts;
  #cursor: Cursor;
  #head: LogHead;
  #catchingUp = false;
  #held: { epoch: string; record: LogRecord }[] = [];
  #heldTooMany = false;

  constructor(parts: LogFollowerParts, head: LogHead, cursor: Cursor | undefined) {
    this.room = parts.room;
    this.#parts = parts;
    this.#head = head;
    this.#cursor = cursor ?? toCursor(head);
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  /** As far as is known. */
  get head(): LogHead {
    return this.#head;
  }

  get catchingUp(): boolean {
    return this.#catchingUp;
  }

  /** Records come again from behind this head. */
  start(head: LogHead): void {
    this.#head = head;
    this.#held = [];
    this.#heldTooMany = false;
    if (isAt(this.#cursor, head)) this.#setCatchingUp(false);
    else this.#catchUp();
  }

  /** Nothing comes until {@link start}. */
  stop(): void {
    this.#held = [];
    this.#parts.syncer.forget(this);
    this.#setCatchingUp(true);
  }

  end(): void {
    this.#parts.syncer.forget(this);
    this.#held = [];
  }

  /** As they are pushed. */
  receive({ epoch, records }: Pick<LogRecords, 'epoch' | 'records'>): void {
    if (this.#catchingUp) this.#hold(epoch, records);
    else if (!this.#take(epoch, records, true)) {
      this.#hold(epoch, records);
      this.#catchUp();
    }
  }

  /** The server does not bring what lies before `head` any more. */
  gap(reason: GapReason, head: LogHead): void {
    this.#head = head;
    this.#cursor = toCursor(head);
    this.#held = this.#held.filter(({ epoch, record }) => epoch !== head.epoch || record.seq > head.seq);
    this.#parts.onGap(reason);
    this.#parts.syncer.forget(this);
    if (this.#release()) this.#setCatchingUp(false);
    else this.#catchUp();
  }

  apply({ status, records, more, head, gapReason, errorReason }: RoomSync): 'done' | 'again' {
    // A gap was told meanwhile, and led further.
    if (!this.#catchingUp) return 'done';
    if (status === 'refused') return this.#refused(errorReason);
    if (status === 'gap') {
      this.gap(gapReason ?? 'slow', head ?? this.#head);
      return this.#catchingUp ? 'again' : 'done';
    }
    const epoch = head?.epoch ?? this.#cursor.epoch;
    if (head) this.#head = head;
    if (!this.#take(epoch, records, false)) {
      // Not what was asked for. Rather a gap that is told than one that is not.
      this.gap('slow', this.#head);
      return this.#catchingUp ? 'again' : 'done';
    }
    if (more || this.#heldTooMany || !this.#release()) {
      this.#heldTooMany = false;
      return 'again';
    }
    this.#setCatchingUp(false);
    return 'done';
  }

  #catchUp(): void {
    this.#setCatchingUp(true);
    this.#parts.syncer.request(this);
  }

  /** Who may not read what was is told that it missed it. Who is not in the room asks again once it is. */
  #refused(errorReason: string | undefined): 'done' {
    if (errorReason === 'NOT_IN_ROOM') return 'done';
    const newest = this.#held.at(-1);
    const head = newest
      ? { ...this.#head, epoch: newest.epoch, seq: newest.record.seq, messageId: newest.record.messageId }
      : this.#head;
    this.#held = [];
    this.gap('slow', head);
    return 'done';
  }

  /** False, and nothing was taken, where something is missing before them. What is there already is passed over. */
  #take(epoch: string, records: readonly LogRecord[], live: boolean): boolean {
    if (epoch !== this.#cursor.epoch) return records.length === 0;
    let { seq } = this.#cursor;
    const fresh: LogRecord[] = [];
    for (const record of records) {
      // The same number and another record: the log went another way.
      if (record.seq === this.#cursor.seq && record.messageId !== this.#cursor.messageId) return false;
      if (record.seq <= seq) continue;
      if (record.seq !== seq + 1) return false;
      seq = record.seq;
      fresh.push(record);
    }
    const last = fresh.at(-1);
    if (!last) return true;
    this.#cursor = { epoch, seq, messageId: last.messageId };
    if (seq > this.#head.seq) this.#head = { ...this.#head, epoch, seq, messageId: last.messageId };
    this.#parts.onRecords(fresh, live);
    return true;
  }

  #hold(epoch: string, records: readonly LogRecord[]): void {
    for (const record of records) this.#held.push({ epoch, record });
    if (this.#held.length <= maxHeldRecords) return;
    this.#held = [];
    this.#heldTooMany = true;
  }

  /** Takes what was held. False where something is missing before it; then it is asked for with the rest. */
  #release(): boolean {
    const held = this.#held.sort((a, b) => a.record.seq - b.record.seq);
    this.#held = [];
    const { epoch } = this.#cursor;
    const fits = this.#take(
      epoch,
      held.filter((each) => each.epoch === epoch).map(({ record }) => record),
      true,
    );
    return fits && held.every((each) => each.epoch === epoch);
  }

  #setCatchingUp(on: boolean): void {
    if (this.#catchingUp === on) return;
    this.#catchingUp = on;
    this.#parts.onCatchingUp();
  }
}

function toCursor({ epoch, seq, messageId }: LogHead): Cursor {
  return { epoch, seq, messageId };
}

function isAt(cursor: Cursor, head: LogHead): boolean {
  return cursor.epoch === head.epoch && cursor.seq === head.seq && cursor.messageId === head.messageId;
}
