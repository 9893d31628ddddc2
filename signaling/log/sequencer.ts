// What is new in a room's log, put in order: answers to what this node appended, and pushes of what any node did. Each record
// is told once, whichever of the two brings it first. It asks nobody: it says what is in the way.

import type { Durability, Head, LogPush, NewRecord, RoomMemory, StoredRecord } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { LogRecord, Receipt } from '../../proto/gen/types.ts';
import type { LogEntry } from './log-entry.ts';
import type { SettledAppend } from './log-writer.ts';
import { RecordRing } from './record-ring.ts';
import { toRefusal } from './refusal.ts';
import { toFreshRecord, toLogRecord } from './stored-payload.ts';
import { WaitingPushes } from './waiting-pushes.ts';

/** An append that waits for the store. */
export interface AppendContext {
  readonly entry: LogEntry;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: AppError) => void;
}

export type Settled = SettledAppend<AppendContext>;

/** `records`: some are missing. `epoch`: the log is another one. `another epoch`: it says to be the same, and is not. */
export type Obstacle = 'records' | 'epoch' | 'another epoch';

/** What is new, in order and without holes. */
export interface Told {
  readonly fresh: LogRecord[];
  /** Those among them that other nodes appended; undefined: none. */
  elsewhere: Set<LogRecord> | undefined;
  /** What keeps the next one from being told. */
  obstacle: Obstacle | undefined;
}

interface SequencerParts {
  readonly head: Head;
  readonly facts: Readonly<Record<string, string>>;
  /** The newest records, ascending, up to the head. */
  readonly newest: readonly LogRecord[];
  /** Of the store, now. */
  readonly durability: () => Durability;
  /** Whether a push is of this node; undefined: nobody else appends. */
  readonly isHere?: ((origin: string) => boolean) | undefined;
  /** Something that was appended here is not answered yet. */
  readonly awaitsAnswers: () => boolean;
}

/** Appends of this node that may be in the store though their calls failed. */
const maxUnknown = 1_000;

export class Sequencer {
  readonly ring: RecordRing;
  readonly facts: Map<string, string>;
  readonly #parts: SequencerParts;
  #head: Head;
  #answers: Settled[] = [];
  readonly #pushes = new WaitingPushes();
  /** Somebody says that the log has so many. */
  #awaited = 0;
  /** The store is to be asked what it has, though nothing is known to be missing. */
  #doubtful = false;
  readonly #unknown = new Set<string>();
  /** Where the head was when something was told before its answer came, as long as such answers may come. */
  #toldFrom = Number.POSITIVE_INFINITY;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
    this.#head = parts.head;
    this.facts = new Map(Object.entries(parts.facts));
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

  /** Answers that wait. */
  get waiting(): readonly Settled[] {
    return this.#answers;
  }

  get doubtful(): boolean {
    return this.#doubtful;
  }

  answered(settled: Settled): void {
    this.#answers.push(settled);
  }

  /** One that there is no space for is read from the store. */
  pushed(push: LogPush): void {
    if (this.#pushes.add(push)) return;
    if (push.epoch === this.#head.epoch) this.expect(push.firstSeq + push.count - 1);
    else this.doubt();
  }

  /** The store has so many records. */
  expect(seq: number): void {
    this.#awaited = Math.max(this.#awaited, seq);
  }

  doubt(): void {
    this.#doubtful = true;
  }

  /** Nothing that was appended here waits for its answer any more. */
  allAnswered(): void {
    this.#toldFrom = Number.POSITIVE_INFINITY;
  }

  /** Everything that can be told now. */
  take(): Told {
    const told: Told = { fresh: [], elsewhere: undefined, obstacle: undefined };
    for (;;) {
      told.obstacle = this.#takeAnswers(told.fresh);
      if (this.#pushes.size === 0 || (told.obstacle ?? 'records') !== 'records') break;
      const { seq } = this.#head;
      const obstacle = this.#takePushes(told);
      if (obstacle !== undefined) told.obstacle = obstacle;
      if (obstacle !== undefined || this.#head.seq === seq) break;
    }
    if (this.#pushes.size > 0 || this.#awaited > this.#head.seq) told.obstacle ??= 'records';
    return told;
  }

  /** They are in the store most likely, but nobody can be told where. */
  rejectAll(problem: AppError): void {
    for (const settled of this.#answers.splice(0)) this.reject(settled, problem);
  }

  reject({ record, context }: Settled, problem: AppError): void {
    context.reject(problem);
    if (problem.reason !== 'STORE_OUTCOME_UNKNOWN') return;
    this.doubt();
    this.#unknown.add(record.messageId);
    const [oldest] = this.#unknown;
    if (this.#unknown.size > maxUnknown && oldest !== undefined) this.#unknown.delete(oldest);
  }

  /** The store is about to be asked what it has. Answers what it has to have at least. */
  startReading(): number {
    this.#doubtful = false;
    return Math.max(this.#head.seq, ...this.#answers.map(({ outcome }) => seqOf(outcome)));
  }

  /** What follows the head is read, up to this one. What holds then holds from now on. */
  startAdopting(memory: RoomMemory): void {
    this.#replaceFacts(memory.facts);
    this.#awaited = 0;
  }

  /** What follows the head, as it was read. */
  adopt(stored: readonly StoredRecord[]): Told {
    const told: Told = { fresh: [], elsewhere: undefined, obstacle: undefined };
    this.#toldFrom = Math.min(this.#toldFrom, this.#head.seq);
    for (const one of stored) this.#advance(toLogRecord(one), told, this.#isOurs(one.messageId));
    return told;
  }

  /** The epochs of what waits. */
  get waitingEpochs(): Set<string> {
    return this.#pushes.epochs();
  }

  get waitingPushes(): ReadonlySet<LogPush> {
    return this.#pushes.all();
  }

  /**
   * Those that came before the store was asked, and that are of another log than it has, or of records that it does not have:
   * it would be asked for them again and again.
   */
  dropPushesOf(epochs: ReadonlySet<string>, before: ReadonlySet<LogPush>, current: Head): void {
    const isMissing = ({ firstSeq, count }: LogPush) => firstSeq + count - 1 > current.seq;
    this.#pushes.drop((push) =>
      push.epoch === current.epoch ? before.has(push) && isMissing(push) : epochs.has(push.epoch),
    );
  }

  /** The log is this one from now on. */
  restart(memory: RoomMemory): void {
    this.#head = memory.head;
    this.#replaceFacts(memory.facts);
    this.ring.restart(memory.head);
    this.#toldFrom = 0;
    this.#awaited = 0;
    this.#unknown.clear();
    this.#answers = this.#answers.map(inEpoch(memory.head));
  }

  /** What was answered in another epoch is in this one under the same number, or gone. */
  moveAnswers(): void {
    this.#toldFrom = 0;
    this.#answers = this.#answers.map(inEpoch(this.#head));
  }

  /** Records before this one were forgotten. */
  trimmed(head: Pick<Head, 'epoch' | 'firstSeq' | 'trimmedMessageId'>): void {
    if (head.epoch !== this.#head.epoch || head.firstSeq <= this.#head.firstSeq) return;
    // Of those that were not told yet: found when they are read.
    if (head.firstSeq > this.#head.seq + 1) return;
    const { firstSeq, trimmedMessageId } = head;
    this.#head = { ...this.#head, firstSeq, trimmedMessageId };
    this.ring.dropBefore(firstSeq);
  }

  #takeAnswers(fresh: LogRecord[]): Obstacle | undefined {
    const queue = this.#answers;
    for (let index = 0; index < queue.length; index++) {
      const settled = queue[index];
      const obstacle = settled && this.#takeAnswer(settled, fresh);
      if (obstacle === undefined) continue;
      if (index > 0) this.#answers = queue.slice(index);
      return obstacle;
    }
    if (queue.length > 0) this.#answers = [];
    return undefined;
  }

  #takeAnswer(settled: Settled, fresh: LogRecord[]): Obstacle | undefined {
    const { record, context, outcome } = settled;
    if (outcome instanceof AppError) {
      this.reject(settled, outcome);
      return undefined;
    }
    if (outcome.outcome !== 'appended') {
      context.reject(toRefusal(outcome, context.entry, record.room));
      return undefined;
    }
    const { epoch, seq, messageId, atMs, duplicate, previousId = this.#head.messageId } = outcome;
    if (epoch !== this.#head.epoch) return 'epoch';
    if (seq > this.#head.seq) {
      if (duplicate || seq > this.#head.seq + 1) return 'records';
      if (previousId !== this.#head.messageId) return 'another epoch';
      this.#applyFacts(record.facts);
      this.#append(toFreshRecord(record, context.entry, seq), fresh);
    } else if (!duplicate && !this.#wasTold(seq, messageId)) {
      // The store was set back under our feet: it numbers anew what readers have already.
      return 'another epoch';
    }
    context.resolve({ epoch, seq, messageId, atMs, durability: this.#parts.durability(), duplicate });
    return undefined;
  }

  /** It was told before its answer came. */
  #wasTold(seq: number, messageId: string): boolean {
    return this.ring.covers(seq) ? this.ring.messageIdAt(seq) === messageId : seq > this.#toldFrom;
  }

  #takePushes(told: Told): Obstacle | undefined {
    for (let push = this.#pushes.first; push !== undefined; push = this.#pushes.first) {
      if (push.epoch !== this.#head.epoch) return 'epoch';
      if (push.firstSeq > this.#head.seq + 1) return undefined;
      if (push.firstSeq === this.#head.seq + 1 && this.#isAboutToBeAnswered(push)) return undefined;
      const last = push.firstSeq + push.count - 1;
      const obstacle = last > this.#head.seq ? this.#takePush(push, told) : this.#compare(push, last);
      if (obstacle !== undefined) return obstacle;
      this.#pushes.shift();
    }
    return undefined;
  }

  /** Its answer is on its way on the other connection, and costs nothing to read. */
  #isAboutToBeAnswered({ origin }: LogPush): boolean {
    return this.#parts.awaitsAnswers() && (this.#parts.isHere?.(origin) ?? false);
  }

  #takePush(push: LogPush, told: Told): Obstacle | undefined {
    const records = readable(push);
    const known = this.#head.seq + 1 - push.firstSeq;
    if (records?.length !== push.count) {
      this.expect(push.firstSeq + push.count - 1);
      return undefined;
    }
    const before = known === 0 ? push.previousId : records[known - 1]?.record.messageId;
    if (before !== this.#head.messageId) return 'another epoch';
    this.#toldFrom = Math.min(this.#toldFrom, this.#head.seq);
    const isHere = this.#parts.isHere?.(push.origin) ?? true;
    for (const { record, facts } of records.slice(known)) {
      this.#applyFacts(facts);
      this.#advance(record, told, isHere);
    }
    return undefined;
  }

  /** All of it was told before: as the same, or the store was set back and others wrote on. Of this node's own the answer tells. */
  #compare(push: LogPush, last: number): Obstacle | undefined {
    if (this.#parts.isHere?.(push.origin)) return undefined;
    if (!this.ring.covers(last)) {
      if (last <= this.#toldFrom) this.doubt();
      return undefined;
    }
    const records = readable(push);
    return records === undefined || records.at(-1)?.record.messageId === this.ring.messageIdAt(last)
      ? undefined
      : 'another epoch';
  }

  #advance(record: LogRecord, told: Told, isHere: boolean): void {
    this.#append(record, told.fresh);
    if (isHere) return;
    told.elsewhere ??= new Set();
    told.elsewhere.add(record);
  }

  #append(record: LogRecord, fresh: LogRecord[]): void {
    this.#head = { ...this.#head, seq: record.seq, messageId: record.messageId };
    this.ring.push(record);
    fresh.push(record);
  }

  /** Of a record that was read from the store. */
  #isOurs(messageId: string): boolean {
    if (this.#parts.isHere === undefined || this.#unknown.delete(messageId)) return true;
    return this.#answers.some(({ record }) => record.messageId === messageId);
  }

  #replaceFacts(facts: Readonly<Record<string, string>>): void {
    this.facts.clear();
    this.#applyFacts(facts);
  }

  #applyFacts(facts: NewRecord['facts']): void {
    if (facts === undefined) return;
    for (const [key, value] of Object.entries(facts)) {
      if (value === null) this.facts.delete(key);
      else this.facts.set(key, value);
    }
  }
}

/** Undefined: it is not of our making, and what it was to bring is read. */
function readable(push: LogPush): { record: LogRecord; facts: NewRecord['facts'] }[] | undefined {
  try {
    return push.records().map((pushed) => ({ record: toLogRecord(pushed), facts: pushed.facts }));
  } catch {
    return undefined;
  }
}

/** What was appended before the epoch ended is in the log of the next one, under the same numbers, or it is gone. */
function inEpoch({ epoch, seq }: Head): (settled: Settled) => Settled {
  return (settled) => {
    const { outcome } = settled;
    if (outcome instanceof AppError || outcome.outcome !== 'appended' || outcome.epoch === epoch) return settled;
    if (outcome.seq > seq)
      return { ...settled, outcome: new AppError('STORE_OUTCOME_UNKNOWN', {}, { retryAfterMs: 0 }) };
    return { ...settled, outcome: { ...outcome, epoch } };
  };
}

function seqOf(outcome: Settled['outcome']): number {
  return outcome instanceof AppError || outcome.outcome !== 'appended' ? 0 : outcome.seq;
}
