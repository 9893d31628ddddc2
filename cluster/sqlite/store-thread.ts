// The side of the thread's callers: answers find their calls, a thread that died is started again.

import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { StoreError } from '../room-log.ts';
import type { DatabaseOptions } from './open-database.ts';
import type { SqliteStore, StoreMethod } from './sqlite-store.ts';

export interface Call {
  readonly id: number;
  readonly method: StoreMethod | 'close';
  readonly args: readonly unknown[];
}
/** What the thread is started with. */
export type WorkerOptions = DatabaseOptions & { readonly scrubAfterMs?: number | undefined };
/** Id 0: whether the database could be opened. */
export type Answer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly failure: { readonly kind: StoreError['kind']; readonly message: string } }
);
interface Waiting {
  readonly weight: number;
  resolve(value: unknown): void;
  reject(error: StoreError): void;
}

/** Rooms, requests and records of the calls that wait. */
const maxWaiting = 20_000;
const maxRestarts = 8;
const firstBackoffMs = 100;
const maxBackoffMs = 5000;

// The compiled file needs no loader; the sources do.
const inSources = import.meta.url.endsWith('.ts');
export const storeEntry = new URL(inSources ? './boot.mjs' : './worker.js', import.meta.url);

export interface StoreThreadOptions {
  readonly database: WorkerOptions;
  readonly log: Logger;
  readonly clock: Clock;
  /** The worker's file; another one in tests of threads that die. */
  readonly entry: URL;
}

/**
 * At most 20,000 rooms, requests and records wait; calls beyond them fail as `busy`, and so do those that come while the thread
 * is down. What is called in one turn crosses to the thread in one piece.
 */
export class StoreThread {
  readonly #options: StoreThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #weight = 0;
  #unsent: Call[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #lastId = 0;
  #restarts = 0;
  #restart: Timer | undefined;
  /** Why there will be no further thread. */
  #end: StoreError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: StoreThreadOptions) {
    this.#options = options;
  }

  /** @throws {StoreError} when the database cannot be opened. */
  static async start(options: StoreThreadOptions): Promise<StoreThread> {
    const thread = new StoreThread(options);
    await thread.#start();
    return thread;
  }

  call<Method extends StoreMethod>(
    method: Method,
    ...args: Parameters<SqliteStore[Method]>
  ): Promise<ReturnType<SqliteStore[Method]>> {
    if (this.#end) return Promise.reject(this.#end);
    if (!this.#isReady) return Promise.reject(new StoreError('busy', 'The store is being opened again.'));
    const weight = weightOf(args[0]);
    if (this.#weight > 0 && this.#weight + weight > maxWaiting) {
      return Promise.reject(new StoreError('busy', 'Too much waits for the store.'));
    }
    return this.#post(method, args, weight) as Promise<ReturnType<SqliteStore[Method]>>;
  }

  /** What was called before is carried out; what comes later fails as `closed`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end = new StoreError('closed', 'The room log is closed.');
    this.#restart?.cancel();
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#unsent.push({ id: ++this.#lastId, method: 'close', args: [] });
    this.#send();
    await exited;
  }

  #post(method: StoreMethod, args: readonly unknown[], weight: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject, weight });
      this.#weight += weight;
      if (this.#unsent.push({ id, method, args }) === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    const calls = this.#unsent;
    this.#unsent = [];
    if (calls.length > 0) this.#worker?.postMessage(calls);
  }

  #start(): Promise<void> {
    const { entry, database } = this.#options;
    // The parent's loaders and inspectors are not for the worker.
    const worker = new Worker(entry, { workerData: database, ...(inSources ? { execArgv: [] } : {}) });
    this.#worker = worker;
    let cause: unknown;
    const opened = new Promise<void>((resolve, reject) => {
      this.#waiting.set(0, { resolve: () => resolve(), reject, weight: 0 });
    });
    worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#onAnswer(answer);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => this.#onExit(code, cause));
    return opened;
  }

  #onAnswer(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    this.#weight -= waiting?.weight ?? 0;
    if (answer.id === 0) this.#isReady = 'value' in answer;
    else this.#restarts = 0;
    if ('value' in answer) waiting?.resolve(answer.value);
    else waiting?.reject(new StoreError(answer.failure.kind, answer.failure.message));
  }

  #onExit(code: number, cause: unknown): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#weight = 0;
    this.#unsent = [];
    const error = new StoreError('unknown', 'The thread of the store ended before it answered.', { cause });
    for (const it of waiting) it.reject(error);
    // A thread that ends before it was ready is the business of who started it.
    if (this.#end || !wasReady) return;
    this.#options.log.error(
      { code, err: cause, unanswered: waiting.length },
      'room log: the thread of the store ended',
    );
    this.#startAgain();
  }

  #startAgain(): void {
    if (this.#restarts >= maxRestarts) {
      this.#giveUp(new StoreError('unknown', `The thread of the store ended ${maxRestarts} times without an answer.`));
      return;
    }
    const backoffMs = Math.min(firstBackoffMs * 2 ** this.#restarts++, maxBackoffMs);
    this.#restart = this.#options.clock.after(backoffMs, () => {
      this.#start().then(
        () => this.#options.log.info({}, 'room log: the store is open again'),
        (error: StoreError) => {
          if (this.#end) return;
          if (error.kind === 'corrupt') this.#giveUp(error);
          else this.#startAgain();
        },
      );
    });
  }

  #giveUp(error: StoreError): void {
    this.#end = error;
    this.#options.log.error({ err: error }, 'room log: the store cannot be opened again; restart the server');
  }
}

/** Rooms, requests or records of a call. */
function weightOf(of: unknown): number {
  return typeof of === 'object' && of !== null && 'length' in of ? Number(of.length) : 1;
}
