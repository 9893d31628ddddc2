// The log of one room, as this node uses it: appends in order, what is new told in order, the newest records in memory.

import { type Durability, type Head, type NewRecord, type RoomLog, StoreError } from '../../cluster/room-log.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { createMessageId, type RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { LogHead, LogRecord, Receipt } from '../../proto/gen/types.ts';
import type { GapCounts } from './gap-counts.ts';
import type { LogEntry } from './log-entry.ts';
import { toLogHead } from './log-head.ts';
import type { LogSink, LogWriter, SettledAppend } from './log-writer.ts';
import { RecordRing } from './record-ring.ts';
import { toRefusal } from './refusal.ts';
import { toStoreProblem } from './store-problem.ts';
import { toFreshRecord, toLogRecord, toNewRecord } from './stored-payload.ts';

/** An append that waits for the store. */
export interface AppendContext {
  readonly entry: LogEntry;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: AppError) => void;
}

export interface TimelineParts {
  readonly room: RoomId;
  readonly roomLog: RoomLog;
  readonly writer: LogWriter<AppendContext>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly head: Head;
  readonly facts: Readonly<Record<string, string>>;
  /** The newest records, ascending, up to the head. */
  readonly newest: readonly LogRecord[];
  /** The room's timeline when this one is not in use any more. */
  readonly successor: () => Promise<Timeline>;
  readonly onAppended: (records: readonly LogRecord[]) => void;
  /** Readers that lost something, for all rooms. */
  readonly gaps: GapCounts;
}

type Settled = SettledAppend<AppendContext>;

/** Pages in which what is missing is fetched. */
const page = { maxRecords: 200, maxBytes: 256 * 1024 };
/** Answers that wait until what is before them was fetched; further ones are to be asked for again. */
const maxSettled = 1_000;
const retryMs = { first: 1_000, most: 30_000 };

export class Timeline implements LogSink<AppendContext> {
  readonly room: RoomId;
  /** Told of everything new, in order, without holes; set by the room. */
  onRecords: (records: readonly LogRecord[], epoch: string) => void = () => {};
  /** The log is another one: what readers hold is worth nothing. Set by the room. */
  onAnotherEpoch: () => void = () => {};
  readonly ring: RecordRing;
  readonly #parts: TimelineParts;
  readonly #facts: Map<string, string>;
  #head: Head;
  #pending = 0;
  #retired = false;
  /** What was answered while something is fetched. */
  #settled: Settled[] = [];
  #fetching = false;
  /** Too much was answered meanwhile: some of it is to be fetched as well. */
  #missed = false;
  /** Where the head was when something was fetched, as long as answers to what was under way then may come. */
  #fetchedFrom = Number.POSITIVE_INFINITY;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
    this.room = parts.room;
    this.#head = parts.head;
    this.#facts = new Map(Object.entries(parts.facts));
    const { firstSeq, trimmedMessageId, seq, messageId } = parts.head;
    const [oldest] = parts.newest;
    if (oldest === undefined) this.ring = new RecordRing({ seq, messageId });
    else if (oldest.seq === firstSeq) this.ring = new RecordRing({ seq: firstSeq - 1, messageId: trimmedMessageId });
    else this.ring = new RecordRing(oldest);
    for (const record of parts.newest) if (record.seq > this.ring.base.seq) this.ring.push(record);
  }

  get head(): Head {
    return this.#head;
  }

  get roomLog(): RoomLog {
    return this.#parts.roomLog;
  }

  get durability(): Durability {
    return this.#parts.roomLog.durability;
  }

  /** What holds in the room; see `facts` of cluster/room-log.ts. */
  get facts(): ReadonlyMap<string, string> {
    return this.#facts;
  }

  /** Something of it is not answered yet. */
  get busy(): boolean {
    return this.#pending > 0 || this.#fetching;
  }

  get pending(): number {
    return this.#pending;
  }

  countGap(reason: keyof GapCounts): void {
    this.#parts.gaps[reason] += 1;
  }

  toLogHead(): LogHead {
    return toLogHead(this.#head, this.durability);
  }

  /**
   * Resolves when the record is in the store, was told to the room and the room's facts are those of the record.
   * @throws {AppError} STORE_BUSY, STORE_UNAVAILABLE, STORE_OUTCOME_UNKNOWN, CLIENT_ID_CONFLICT, MESSAGE_NOT_FOUND,
   * MESSAGE_DELETED, TOO_MANY_REACTIONS, all by rejection.
   */
  append(entry: LogEntry): Promise<Receipt> {
    if (this.#retired) return this.#parts.successor().then((timeline) => timeline.append(entry));
    return new Promise((resolve, reject) => {
      this.requireSpace();
      const record = toNewRecord(this.room, createMessageId(), entry, this.#parts.clock.nowMs());
      this.#parts.writer.append(this, record, { entry, resolve, reject });
      this.#pending += 1;
    });
  }

  /** To be asked before anything is done for an append. @throws {AppError} STORE_BUSY, at once. */
  requireSpace(): void {
    this.#parts.writer.requireSpace(this);
  }

  get retired(): boolean {
    return this.#retired;
  }

  /** From now on appends go to another one. */
  retire(): void {
    this.#retired = true;
  }

  /** Records before this one were forgotten. */
  trimmed(head: Head): void {
    if (head.epoch !== this.#head.epoch || head.firstSeq <= this.#head.firstSeq) return;
    const { firstSeq, trimmedMessageId } = head;
    this.#head = { ...this.#head, firstSeq, trimmedMessageId };
    this.ring.dropBefore(firstSeq);
  }

  settled(appends: readonly Settled[]): void {
    this.#pending -= appends.length;
    for (const settled of appends) {
      if (!this.#fetching || this.#settled.length < maxSettled) {
        this.#settled.push(settled);
        continue;
      }
      this.#missed = true;
      settled.context.reject(new AppError('STORE_OUTCOME_UNKNOWN', {}, { retryAfterMs: retryMs.first }));
    }
    if (!this.#fetching) this.#tell();
  }

  /** As much as can be told without asking the store. */
  #tell(): void {
    const fresh: LogRecord[] = [];
    const queue = this.#settled;
    this.#settled = [];
    for (const [index, settled] of queue.entries()) {
      const missing = this.#take(settled, fresh);
      if (missing === undefined) continue;
      this.#settled = queue.slice(index);
      this.#publish(fresh);
      this.#fetch(missing);
      return;
    }
    this.#publish(fresh);
    if (this.#pending === 0) this.#fetchedFrom = Number.POSITIVE_INFINITY;
    if (!this.#missed && !queue.some(({ outcome }) => isUnknown(outcome))) return;
    this.#missed = false;
    this.#fetch('records');
  }

  #publish(fresh: readonly LogRecord[]): void {
    if (fresh.length === 0) return;
    this.onRecords(fresh, this.#head.epoch);
    this.#parts.onAppended(fresh);
  }

  /** Answers what has to be fetched before this one can be told. */
  #take({ record, context, outcome }: Settled, fresh: LogRecord[]): 'records' | 'epoch' | 'another epoch' | undefined {
    if (outcome instanceof AppError) {
      context.reject(outcome);
      return undefined;
    }
    if (outcome.outcome !== 'appended') {
      context.reject(toRefusal(outcome, context.entry));
      return undefined;
    }
    const { epoch, seq, messageId, atMs, duplicate } = outcome;
    if (epoch !== this.#head.epoch) return 'epoch';
    if (seq > this.#head.seq) {
      if (duplicate || seq > this.#head.seq + 1) return 'records';
      this.#advance(record, toFreshRecord(record, context.entry, seq), fresh);
    } else if (!duplicate && !this.#wasTold(seq, messageId)) {
      // The store was set back under our feet: it numbers anew what readers have already.
      return 'another epoch';
    }
    context.resolve({ epoch, seq, messageId, atMs, durability: this.durability, duplicate });
    return undefined;
  }

  /** It was fetched before its answer came. */
  #wasTold(seq: number, messageId: string): boolean {
    return this.ring.covers(seq) ? this.ring.messageIdAt(seq) === messageId : seq > this.#fetchedFrom;
  }

  #advance(record: NewRecord, log: LogRecord, fresh: LogRecord[]): void {
    this.#head = { ...this.#head, seq: log.seq, messageId: log.messageId };
    if (record.facts !== undefined) this.#applyFacts(record.facts);
    this.ring.push(log);
    fresh.push(log);
  }

  #applyFacts(facts: Readonly<Record<string, string | null>>): void {
    for (const [key, value] of Object.entries(facts)) {
      if (value === null) this.#facts.delete(key);
      else this.#facts.set(key, value);
    }
  }

  #fetch(what: 'records' | 'epoch' | 'another epoch', delayMs = retryMs.first): void {
    this.#fetching = true;
    const work = what === 'records' ? this.#fetchRecords() : this.#startOver(what === 'another epoch');
    work.then(
      () => {
        this.#fetching = false;
        this.#tell();
      },
      (thrown: unknown) => this.#fetchFailed(what, delayMs, thrown),
    );
  }

  /** Those that wait are in the store most likely, but nobody can be told where: they are to ask again. */
  #fetchFailed(what: 'records' | 'epoch' | 'another epoch', delayMs: number, thrown: unknown): void {
    this.#parts.log.error({ err: thrown, room: this.room }, 'what a room missed could not be read');
    const problem = toStoreProblem(thrown);
    for (const { context } of this.#settled.splice(0)) context.reject(problem);
    if (thrown instanceof StoreError && thrown.kind === 'closed') return;
    this.#parts.clock.after(delayMs, () => this.#fetch(what, Math.min(delayMs * 2, retryMs.most)));
  }

  /** What is in the store and was never told: a call failed, and its records are there all the same. */
  async #fetchRecords(): Promise<void> {
    const { roomLog } = this.#parts;
    const { room } = this;
    // Before it is asked: what is answered meanwhile may be newer than what it says.
    const answered = this.#settled.map(({ outcome }) => seqOf(outcome));
    const [memory] = await roomLog.open([room]);
    if (memory === undefined) return;
    if (memory.head.epoch !== this.#head.epoch) return await this.#startOver(false);
    if (memory.head.seq < Math.max(this.#head.seq, ...answered)) return await this.#startOver(true);
    this.#fetchedFrom = this.#head.seq;
    while (this.#head.seq < memory.head.seq) {
      const [found] = await roomLog.read([{ room, from: { after: this.#head.seq }, ...page }]);
      // What was appended since has its own answer, and its facts are not among those of before.
      const stored = (found?.records ?? []).filter(({ seq }) => seq <= memory.head.seq);
      const fresh = stored.map(toLogRecord);
      // Some of it was forgotten already.
      if ((fresh[0]?.seq ?? 0) > this.#head.seq + 1) return await this.#startOver(false);
      for (const record of fresh) this.ring.push(record);
      const newest = fresh.at(-1);
      if (newest === undefined) break;
      this.#head = { ...this.#head, seq: newest.seq, messageId: newest.messageId };
      this.#publish(fresh);
    }
    this.#replaceFacts(memory.facts);
  }

  /** The log is another one than we knew, or becomes another one so that nobody takes it for the one before. */
  async #startOver(bump: boolean): Promise<void> {
    const { roomLog, log } = this.#parts;
    if (bump) await roomLog.bumpEpoch(this.room, this.#head.epoch);
    const [memory] = await roomLog.open([this.room]);
    if (memory === undefined) return;
    log.warn({ room: this.room }, 'the log of a room is another one than before');
    this.#head = memory.head;
    this.#replaceFacts(memory.facts);
    this.ring.restart(memory.head);
    this.#fetchedFrom = 0;
    this.#settled = this.#settled.map(inEpoch(memory.head));
    this.onAnotherEpoch();
  }

  #replaceFacts(facts: Readonly<Record<string, string>>): void {
    this.#facts.clear();
    this.#applyFacts(facts);
  }
}

/** What was appended before the epoch ended is in the log of the next one, under the same numbers, or it is gone. */
function inEpoch({ epoch, seq }: Head): (settled: Settled) => Settled {
  return (settled) => {
    const { outcome } = settled;
    if (outcome instanceof AppError || outcome.outcome !== 'appended') return settled;
    if (outcome.seq > seq)
      return { ...settled, outcome: new AppError('STORE_OUTCOME_UNKNOWN', {}, { retryAfterMs: 0 }) };
    return { ...settled, outcome: { ...outcome, epoch } };
  };
}

function seqOf(outcome: Settled['outcome']): number {
  return outcome instanceof AppError || outcome.outcome !== 'appended' ? 0 : outcome.seq;
}

function isUnknown(outcome: Settled['outcome']): boolean {
  return outcome instanceof AppError && outcome.reason === 'STORE_OUTCOME_UNKNOWN';
}
