// Group commit: what is appended in one turn, to whichever rooms, is one call to the store; while calls are under way the
// next one collects.

import type { AppendResult, NewRecord, RoomLog } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Defer } from '../defer.ts';
import { storeBusyRetryMs, toStoreProblem } from './store-problem.ts';

/** One append that was answered, or could not be. */
export interface SettledAppend<Context> {
  readonly record: NewRecord;
  readonly context: Context;
  readonly outcome: AppendResult | AppError;
}

/** Whoever appends: told of its own, in the order of the store, once for each call. */
export interface LogSink<Context> {
  settled(appends: readonly SettledAppend<Context>[]): void;
}

interface Waiting<Context> {
  readonly sink: LogSink<Context>;
  readonly record: NewRecord;
  readonly context: Context;
  readonly bytes: number;
}

interface StoreCall<Context> {
  readonly appends: readonly Waiting<Context>[];
  outcome: readonly AppendResult[] | AppError | undefined;
}

interface LogWriterParts {
  readonly roomLog: Pick<RoomLog, 'append'>;
  readonly defer: Defer;
  readonly log: Logger;
}

/** Of one call to the store. */
export const maxAppendsOfCall = 256;
/** A second call keeps the store busy while the first one's answer is told. */
const maxCallsInFlight = 2;
/** Appends that are not answered yet; beyond either, STORE_BUSY. */
export const maxWaitingAppends = 10_000;
export const maxWaitingBytes = 16 * 1024 * 1024;
/** What a record takes besides its texts. */
const bytesBesidesTexts = 256;

export class LogWriter<Context> {
  readonly #parts: LogWriterParts;
  readonly #waiting: Waiting<Context>[] = [];
  /** In the order in which they were made. */
  readonly #calls: StoreCall<Context>[] = [];
  #appends = 0;
  #bytes = 0;
  #due = false;
  #failures = 0;
  #onIdle: (() => void)[] = [];

  constructor(parts: LogWriterParts) {
    this.#parts = parts;
  }

  /** Appends that are not answered yet. */
  get pending(): number {
    return this.#appends;
  }

  /** Calls to the store that failed, since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Tells the sink of it later, not in this turn. @throws {AppError} STORE_BUSY */
  append(sink: LogSink<Context>, record: NewRecord, context: Context): void {
    const bytes = sizeOf(record);
    if (this.#appends >= maxWaitingAppends || this.#bytes + bytes > maxWaitingBytes) {
      throw new AppError('STORE_BUSY', {}, { retryAfterMs: storeBusyRetryMs });
    }
    this.#appends += 1;
    this.#bytes += bytes;
    this.#waiting.push({ sink, record, context, bytes });
    if (this.#due) return;
    this.#due = true;
    this.#parts.defer(() => {
      this.#due = false;
      this.#callStore();
    });
  }

  /** Resolves when everything that was appended is answered. */
  whenIdle(): Promise<void> {
    if (this.#appends === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #callStore(): void {
    while (this.#waiting.length > 0 && this.#calls.length < maxCallsInFlight) {
      const appends = this.#waiting.splice(0, maxAppendsOfCall);
      const call: StoreCall<Context> = { appends, outcome: undefined };
      this.#calls.push(call);
      this.#parts.roomLog.append(appends.map(({ record }) => record)).then(
        (results) => this.#answered(call, results),
        (thrown: unknown) => this.#answered(call, this.#toProblem(thrown, appends.length)),
      );
    }
  }

  #toProblem(thrown: unknown, appends: number): AppError {
    this.#failures += 1;
    const problem = toStoreProblem(thrown);
    this.#parts.log.error({ err: thrown, reason: problem.reason, appends }, 'the store failed to append');
    return problem;
  }

  /** Calls are told in their own order, whichever was answered first. */
  #answered(call: StoreCall<Context>, outcome: readonly AppendResult[] | AppError): void {
    call.outcome = outcome;
    for (let first = this.#calls[0]; first?.outcome !== undefined; first = this.#calls[0]) {
      this.#calls.shift();
      this.#tell(first.appends, first.outcome);
    }
    if (!this.#due) this.#callStore();
    if (this.#appends === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #tell(appends: readonly Waiting<Context>[], outcome: readonly AppendResult[] | AppError): void {
    const bySink = new Map<LogSink<Context>, SettledAppend<Context>[]>();
    for (const [index, { sink, record, context, bytes }] of appends.entries()) {
      this.#appends -= 1;
      this.#bytes -= bytes;
      const result = outcome instanceof AppError ? outcome : outcome[index];
      const settled = { record, context, outcome: result ?? new AppError('STORE_OUTCOME_UNKNOWN') };
      const ofSink = bySink.get(sink);
      if (ofSink === undefined) bySink.set(sink, [settled]);
      else ofSink.push(settled);
    }
    for (const [sink, settled] of bySink) sink.settled(settled);
  }
}

function sizeOf({ payload, searchText, amendment }: NewRecord): number {
  const amended = amendment !== undefined && 'payload' in amendment ? amendment.payload.length : 0;
  return bytesBesidesTexts + payload.length + searchText.length + amended;
}
