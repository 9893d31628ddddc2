// The log of one room, as this node uses it: appends in order, what is new told in order, the newest records in memory.

import {
  type Durability,
  type Head,
  type LogPush,
  type RoomLog,
  type RoomMemory,
  StoreError,
} from '../../cluster/room-log.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { createMessageId, type RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { LogHead, LogRecord, Receipt } from '../../proto/gen/types.ts';
import type { GapCounts } from './gap-counts.ts';
import type { LogCounts } from './log-counts.ts';
import type { LogEntry } from './log-entry.ts';
import { toLogHead } from './log-head.ts';
import type { LogSink, LogWriter } from './log-writer.ts';
import type { RecordRing } from './record-ring.ts';
import { type AppendContext, type Obstacle, Sequencer, type Settled, type Told } from './sequencer.ts';
import { toStoreProblem } from './store-problem.ts';
import { toNewRecord } from './stored-payload.ts';

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
  /** Whether a push is of this node; undefined: nobody else appends. */
  readonly isHere?: ((origin: string) => boolean) | undefined;
  /** The room's timeline when this one is not in use any more. */
  readonly successor: () => Promise<Timeline>;
  /** `elsewhere`: those among them that other nodes appended. */
  readonly onAppended: (records: readonly LogRecord[], elsewhere: ReadonlySet<LogRecord>) => void;
  /** It is not in use any more. */
  readonly onRetired?: () => void;
  /** Readers that lost something, for all rooms. */
  readonly gaps: GapCounts;
  /** The same of what was mended. */
  readonly counts: LogCounts;
}

/** Pages in which what is missing is fetched. */
const page = { maxRecords: 200, maxBytes: 256 * 1024 };
/** Answers that wait until what is before them was fetched; further ones are to be asked for again. */
const maxSettled = 1_000;
/** What others appended comes by itself, most likely. */
export const pushWithinMs = 250;
/** A timer that fires so late says that this process has more to do than it can. */
const lateMs = 50;
/** So often it is waited for again in one that has. */
const pushWaits = 8;
/** Who writes in the room waits for it: seconds after the store is back, not as long again as it was away. */
const retryMs = { first: 1_000, most: 4_000 };
const nothing: ReadonlySet<LogRecord> = new Set();

export class Timeline implements LogSink<AppendContext> {
  readonly room: RoomId;
  /** Told of everything new, in order, without holes; set by the room. */
  onRecords: (records: readonly LogRecord[], epoch: string) => void = () => {};
  /** The log is another one: what readers hold is worth nothing. Set by the room. */
  onAnotherEpoch: () => void = () => {};
  readonly #parts: TimelineParts;
  readonly #sequencer: Sequencer;
  #pending = 0;
  #retired = false;
  #fetching = false;
  /** What is being fetched, or was last. */
  #wanted: Obstacle = 'records';
  /** What could not be fetched is tried again then. */
  #retry: Timer | undefined;
  /** What is missing is waited for until then. */
  #hole: Timer | undefined;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
    this.room = parts.room;
    const { head, facts, newest, isHere, roomLog } = parts;
    const durability = () => roomLog.durability;
    const awaitsAnswers = () => this.#pending > 0;
    this.#sequencer = new Sequencer({ head, facts, newest, isHere, durability, awaitsAnswers });
  }

  get head(): Head {
    return this.#sequencer.head;
  }

  get ring(): RecordRing {
    return this.#sequencer.ring;
  }

  get roomLog(): RoomLog {
    return this.#parts.roomLog;
  }

  get durability(): Durability {
    return this.#parts.roomLog.durability;
  }

  /** What holds in the room; see `facts` of cluster/room-log.ts. */
  get facts(): ReadonlyMap<string, string> {
    return this.#sequencer.facts;
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
    return toLogHead(this.head, this.durability);
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
    this.#hole?.cancel();
    this.#retry?.cancel();
    this.#parts.onRetired?.();
  }

  /** Records before this one were forgotten. */
  trimmed(head: Pick<Head, 'epoch' | 'firstSeq' | 'trimmedMessageId'>): void {
    this.#sequencer.trimmed(head);
  }

  /** Somebody appended, here or elsewhere. */
  pushed(push: LogPush): void {
    this.#sequencer.pushed(push);
    if (!this.#fetching) this.#tell();
  }

  /** What the store has, asked for when the head was `before`. */
  compare(before: Head, { epoch, seq, messageId }: Head): void {
    if (before.epoch !== this.head.epoch) return;
    const isBefore = seq < before.seq || (seq === before.seq && messageId !== before.messageId);
    if (epoch !== before.epoch || isBefore) this.#sequencer.doubt();
    else this.#sequencer.expect(seq);
    if (!this.#fetching) this.#tell();
    else if (this.#retry !== undefined) this.#fetch(this.#wanted);
  }

  settled(appends: readonly Settled[]): void {
    this.#pending -= appends.length;
    const isWaiting = this.#fetching || this.#hole !== undefined;
    for (const settled of appends) {
      // What failed has no place among the others, and nothing of them is known for as long as the store is away.
      if (this.#fetching && settled.outcome instanceof AppError) this.#sequencer.reject(settled, settled.outcome);
      else if (!isWaiting || this.#sequencer.waiting.length < maxSettled) this.#sequencer.answered(settled);
      else this.#sequencer.reject(settled, new AppError('STORE_OUTCOME_UNKNOWN', {}, { retryAfterMs: retryMs.first }));
    }
    if (!this.#fetching) this.#tell();
  }

  /** As much as can be told without asking the store. */
  #tell(): void {
    const told = this.#sequencer.take();
    this.#publish(told);
    if (this.#pending === 0 && told.obstacle === undefined) this.#sequencer.allAnswered();
    if (told.obstacle !== undefined && (told.obstacle !== 'records' || this.#parts.isHere === undefined)) {
      this.#fetch(told.obstacle);
    } else if (this.#sequencer.doubtful) {
      this.#fetch('records');
    } else if (told.obstacle !== undefined) {
      this.#waitForPush();
    } else {
      this.#hole?.cancel();
      this.#hole = undefined;
    }
  }

  #waitForPush(): void {
    if (this.#hole !== undefined) return;
    this.#parts.counts.waits += 1;
    this.#waitAgain(pushWaits);
  }

  #waitAgain(times: number): void {
    const { clock } = this.#parts;
    const dueMs = clock.monotonicMs() + pushWithinMs;
    const { seq } = this.head;
    this.#hole = clock.after(pushWithinMs, () => {
      // What was missing then has come: this is another hole.
      if (this.head.seq > seq) this.#waitAgain(pushWaits);
      // This process was busy for longer: what it waits for is in its sockets, and reading all rooms would keep it busy.
      else if (times > 1 && clock.monotonicMs() - dueMs > lateMs) this.#waitAgain(times - 1);
      else this.#fetch('records');
    });
  }

  #publish({ fresh, elsewhere }: Told): void {
    if (fresh.length === 0) return;
    this.onRecords(fresh, this.head.epoch);
    this.#parts.onAppended(fresh, elsewhere ?? nothing);
  }

  #fetch(what: Obstacle, delayMs = retryMs.first): void {
    this.#fetching = true;
    this.#wanted = what;
    this.#parts.counts.repairs[what === 'another epoch' ? 'rewound' : what] += 1;
    this.#hole?.cancel();
    this.#hole = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#read(what).then(
      () => {
        this.#fetching = false;
        this.#tell();
      },
      (thrown: unknown) => this.#fetchFailed(what, delayMs, thrown),
    );
  }

  /** Those that wait are in the store most likely, but nobody can be told where: they are to ask again. */
  #fetchFailed(what: Obstacle, delayMs: number, thrown: unknown): void {
    this.#parts.log.error({ err: thrown, room: this.room }, 'what a room missed could not be read');
    this.#sequencer.rejectAll(toStoreProblem(thrown));
    if (this.#retired || (thrown instanceof StoreError && thrown.kind === 'closed')) return;
    const nextMs = Math.min(delayMs * 2, retryMs.most);
    this.#retry = this.#parts.clock.after(delayMs, () => this.#fetch(what, nextMs));
  }

  async #read(what: Obstacle): Promise<void> {
    if (what === 'records') return await this.#fetchRecords();
    if (what === 'another epoch') return await this.#startAnew('chain');
    const memory = await this.#open();
    if (memory === undefined) return;
    if (memory.head.epoch !== this.head.epoch) this.#restart(memory);
    else this.#sequencer.moveAnswers();
  }

  /** What is in the store and was never told: a call failed and its records are there all the same, or others appended them. */
  async #fetchRecords(): Promise<void> {
    const { roomLog } = this.#parts;
    const { room } = this;
    // Before it is asked: what is answered meanwhile may be newer than what it says.
    const known = this.#sequencer.startReading();
    const memory = await this.#open();
    if (memory === undefined) return;
    const { epoch, seq, messageId } = memory.head;
    if (epoch !== this.head.epoch) return this.#restart(memory);
    if (seq < known || (seq === this.head.seq && messageId !== this.head.messageId))
      return await this.#startAnew('behind');
    this.#sequencer.startAdopting(memory);
    while (this.head.seq < seq) {
      const [found] = await roomLog.read([{ room, from: { after: this.head.seq }, ...page }]);
      if (found !== undefined && !isBehind(found.head, this.head, found.fingerprint))
        return await this.#startAnew('behind');
      // What was appended since has its own answer, and its facts are not among those of before.
      const stored = (found?.records ?? []).filter((record) => record.seq <= seq);
      // Some of it was forgotten already.
      if ((stored[0]?.seq ?? 0) > this.head.seq + 1) return await this.#openAnew();
      if (stored.length === 0) break;
      this.#publish(this.#sequencer.adopt(stored));
    }
  }

  /** So that nobody takes the log for the one before. */
  async #startAnew(why: keyof LogCounts['epochBumps']): Promise<void> {
    this.#parts.counts.epochBumps[why] += 1;
    await this.#parts.roomLog.bumpEpoch(this.room, this.head.epoch);
    await this.#openAnew();
  }

  async #openAnew(): Promise<void> {
    const memory = await this.#open();
    if (memory !== undefined) this.#restart(memory);
  }

  /** The log is another one than we knew. */
  #restart(memory: RoomMemory): void {
    this.#parts.log.warn({ room: this.room }, 'the log of a room is another one than before');
    this.#sequencer.restart(memory);
    this.onAnotherEpoch();
  }

  async #open(): Promise<RoomMemory | undefined> {
    const { waitingEpochs, waitingPushes } = this.#sequencer;
    const [memory] = await this.#parts.roomLog.open([this.room]);
    if (memory !== undefined) this.#sequencer.dropPushesOf(waitingEpochs, waitingPushes, memory.head);
    return memory;
  }
}

/** Whether the place that was read from is the one that we know. */
function isBehind(found: Head, { seq, messageId }: Head, fingerprint: string): boolean {
  if (seq === 0 || seq < found.firstSeq - 1) return true;
  return (seq === found.firstSeq - 1 ? found.trimmedMessageId : fingerprint) === messageId;
}
