// Group commit: what is appended in one turn, to whichever rooms, is one call to the store; while calls are under way the
// next one collects, and for as long as the store asks for between two calls.

import type { AppendResult, NewRecord, RoomLog } from '../../cluster/room-log.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Defer } from '../defer.ts';
import { Backlog, maxAppendsOfCall, maxCallsInFlight } from './backlog.ts';
import { storeBusyRetryMs, toStoreProblem } from './store-problem.ts';

/** What the store said of one append. */
export type Answered = Exclude<AppendResult, { outcome: 'failed' }> | AppError;

/** One append that was answered, or could not be. */
export interface SettledAppend<Context> {
  readonly record: NewRecord;
  readonly context: Context;
  readonly outcome: Answered;
}

/** Whoever appends: told of its own, in the order of the store, once for each call. */
export interface LogSink<Context> {
  /** Its appends that are not answered yet. */
  readonly pending: number;
  settled(appends: readonly SettledAppend<Context>[]): void;
}

/** On its way; settled once it has its outcome. */
interface Waiting<Context> {
  readonly sink: LogSink<Context>;
  readonly record: NewRecord;
  readonly context: Context;
  readonly bytes: number;
  outcome: Answered;
}

interface StoreCall<Context> {
  readonly appends: readonly Waiting<Context>[];
  readonly calledAtMs: number;
  outcome: readonly AppendResult[] | AppError | undefined;
}

interface LogWriterParts {
  readonly roomLog: Pick<RoomLog, 'append' | 'appendEveryMs'>;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
}

/** What a record takes besides its texts. */
const bytesBesidesTexts = 256;
/** A disk that is full fails hundreds of calls a second, and the log may be on it. */
const sameFailureMs = 10_000;
/** What is appended in one turn is collected for no longer than this. */
const maxHoldMs = 5;
/** So often the clock is asked; a divisor of {@link maxAppendsOfCall}. */
const appendsPerLook = 32;
const callsPerLook = 32;
/** What so many share is shared enough: they wait for no more. */
const enough = 64;
const notAnswered = new AppError('STORE_OUTCOME_UNKNOWN');

export class LogWriter<Context> {
  readonly #parts: LogWriterParts;
  readonly #backlog: Backlog;
  #waiting: Waiting<Context>[] = [];
  /** In the order in which they were made. */
  readonly #calls: StoreCall<Context>[] = [];
  #due = false;
  /** When the oldest of those that wait came. */
  #sinceMs = 0;
  /** The failure that was written down last. */
  #logged: { readonly reason: string; readonly atMs: number } | undefined;
  #failures = 0;
  #looks = 0;
  #onIdle: (() => void)[] = [];
  /** When the store was called last. */
  #calledAtMs = Number.NEGATIVE_INFINITY;
  readonly #endTurn = () => {
    const { roomLog, clock } = this.#parts;
    const { appendEveryMs = 0 } = roomLog;
    const leftMs = appendEveryMs === 0 ? 0 : this.#calledAtMs + appendEveryMs - clock.monotonicMs();
    if (leftMs > 0 && this.#waiting.length < enough) clock.after(leftMs, this.#callDue);
    else this.#callDue();
  };
  readonly #callDue = () => {
    this.#due = false;
    this.#callStore();
  };

  constructor(parts: LogWriterParts) {
    this.#parts = parts;
    this.#backlog = new Backlog(parts.clock);
  }

  /** Appends that are not answered yet. */
  get pending(): number {
    return this.#backlog.appends;
  }

  /** Calls to the store that failed, since the start. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * To be asked before anything is done for an append: with too much to do, refusing must cost next to nothing.
   * @throws {AppError} STORE_BUSY
   */
  requireSpace({ pending }: Pick<LogSink<Context>, 'pending'>, bytes = bytesBesidesTexts): void {
    if (this.#backlog.isFull(bytes, pending)) throw new AppError('STORE_BUSY', {}, { retryAfterMs: storeBusyRetryMs });
  }

  /** Tells the sink of it later, not in this turn. @throws {AppError} STORE_BUSY */
  append(sink: LogSink<Context>, record: NewRecord, context: Context): void {
    const bytes = sizeOf(record);
    this.requireSpace(sink, bytes);
    this.#backlog.add(bytes);
    this.#waiting.push({ sink, record, context, bytes, outcome: notAnswered });
    if (this.#waiting.length === 1) this.#sinceMs = this.#parts.clock.monotonicMs();
    else if (this.#waiting.length % appendsPerLook === 0) this.#callStoreIfLate();
    if (this.#due || this.#waiting.length === 0) return;
    this.#due = true;
    this.#parts.defer(this.#endTurn);
  }

  /** Somebody calls for something: a turn may be long of calls that append nothing. */
  look(): void {
    this.#looks += 1;
    if (this.#looks % callsPerLook === 0 && this.#waiting.length > 0) this.#callStoreIfLate();
  }

  /** Resolves when everything that was appended is answered. */
  whenIdle(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** A turn lasts as long as sockets are readable: in a flood that is seconds. */
  #callStoreIfLate(): void {
    const isFull = this.#waiting.length >= maxAppendsOfCall;
    if (isFull || this.#parts.clock.monotonicMs() - this.#sinceMs > maxHoldMs) this.#callStore();
  }

  #callStore(): void {
    const { roomLog, clock } = this.#parts;
    while (this.#waiting.length > 0 && this.#calls.length < maxCallsInFlight) {
      const appends = this.#takeForCall();
      this.#calledAtMs = clock.monotonicMs();
      const call: StoreCall<Context> = { appends, calledAtMs: this.#calledAtMs, outcome: undefined };
      this.#calls.push(call);
      roomLog.append(appends.map(({ record }) => record)).then(
        (results) => this.#answered(call, results),
        (thrown: unknown) => this.#answered(call, this.#toProblem(thrown, appends.length)),
      );
    }
  }

  #toAnswered(result: AppendResult | undefined): Answered {
    if (result?.outcome === 'failed') return this.#toProblem(result.error, 1);
    return result ?? notAnswered;
  }

  #takeForCall(): Waiting<Context>[] {
    if (this.#waiting.length > maxAppendsOfCall) return this.#waiting.splice(0, maxAppendsOfCall);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  #toProblem(thrown: unknown, appends: number): AppError {
    this.#failures += 1;
    const problem = toStoreProblem(thrown);
    const { clock, log } = this.#parts;
    const { reason } = problem;
    const nowMs = clock.monotonicMs();
    if (this.#logged?.reason === reason && nowMs - this.#logged.atMs < sameFailureMs) return problem;
    this.#logged = { reason, atMs: nowMs };
    log.error({ err: thrown, reason, appends, failures: this.#failures }, 'the store failed to append');
    return problem;
  }

  /** Calls are told in their own order, whichever was answered first. */
  #answered(call: StoreCall<Context>, outcome: readonly AppendResult[] | AppError): void {
    call.outcome = outcome;
    this.#backlog.answered(call.appends.length, call.calledAtMs);
    for (let first = this.#calls[0]; first?.outcome !== undefined; first = this.#calls[0]) {
      this.#calls.shift();
      this.#tell(first.appends, first.outcome);
    }
    if (!this.#due) this.#callStore();
    if (this.pending === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #tell(appends: readonly Waiting<Context>[], outcome: readonly AppendResult[] | AppError): void {
    const bySink = new Map<LogSink<Context>, Waiting<Context>[]>();
    for (let index = 0; index < appends.length; index++) {
      const append = appends[index];
      if (append === undefined) continue;
      this.#backlog.remove(append.bytes);
      append.outcome = outcome instanceof AppError ? outcome : this.#toAnswered(outcome[index]);
      const ofSink = bySink.get(append.sink);
      if (ofSink === undefined) bySink.set(append.sink, [append]);
      else ofSink.push(append);
    }
    for (const [sink, settled] of bySink) sink.settled(settled);
  }
}

function sizeOf({ payload, searchText, amendment }: NewRecord): number {
  const amended = amendment !== undefined && 'payload' in amendment ? amendment.payload.length : 0;
  return bytesBesidesTexts + payload.length + searchText.length + amended;
}
