// The link to one Redis that takes writes: a connection, and another one as soon as that is lost.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { backoffMs } from './backoff.ts';
import type { Argument, RedisConnection, Reply } from './redis-connection.ts';
import { isElsewhere, isStale, RedisError } from './redis-error.ts';
import type { CallOptions, LinkOptions, PrepareConnection, RedisLink, RedisLinkEvents } from './redis-link.ts';
import { tagOfPartition } from './tags.ts';

/** A connection that lived for less counts as another failure. */
const stableMs = 1_000;
/** One that is used for nothing is asked whether it is still there. */
const pingMs = 2_000;

export class MasterLink implements RedisLink {
  readonly events: Emitter<RedisLinkEvents>;
  readonly sharded: boolean;
  readonly #open: () => Promise<RedisConnection>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #prepare: readonly PrepareConnection[];
  #connection: RedisConnection | undefined;
  /** Which process it was last; undefined before the first. */
  #runId: string | undefined;
  #upSinceMs = 0;
  #failures = 0;
  #lastProblem = '';
  #closed = false;
  #timer: Timer | undefined;
  #waiting: { resolve: () => void; reject: (error: RedisError) => void }[] = [];
  #closing: Promise<void> | undefined;

  constructor(
    open: () => Promise<RedisConnection>,
    { clock = systemClock, log, prepare = [], sharded = false }: LinkOptions,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.#log = log;
    this.#prepare = prepare;
    this.sharded = sharded;
    this.events = new Emitter((error) => log.error({ err: error }, 'a listener of the link to Redis failed'));
    void this.#connect();
  }

  get state(): 'up' | 'away' {
    return this.#connection ? 'up' : 'away';
  }

  get masters(): readonly MasterLink[] {
    return [this];
  }

  get tags(): readonly string[] {
    return [tagOfPartition(0)];
  }

  async call(_key: string, command: string, args: readonly Argument[], options?: CallOptions): Promise<Reply> {
    const connection = this.#connection;
    if (!connection) {
      throw this.#closed
        ? new RedisError('closed', 'the link to Redis was closed')
        : new RedisError('away', this.#lastProblem || 'there is no connection to Redis yet');
    }
    try {
      return await connection.call(command, args, options);
    } catch (error) {
      if (isStale(error)) this.#retire(connection, error);
      else if (!isElsewhere(error)) throw error;
      throw new RedisError('away', error.message, { code: error.code, cause: error });
    }
  }

  whenUp(): Promise<void> {
    if (this.#connection) return Promise.resolve();
    if (this.#closed) return Promise.reject(new RedisError('closed', 'the link to Redis was closed'));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#timer?.cancel();
    for (const { reject } of this.#waiting.splice(0)) reject(new RedisError('closed', 'the link to Redis was closed'));
    await connection?.whenIdle();
    connection?.close();
  }

  async #connect(): Promise<void> {
    let connection: RedisConnection | undefined;
    let runId = '';
    try {
      const opened = await this.#open();
      connection = opened;
      [runId] = await Promise.all([readRunId(opened), ...this.#prepare.map((prepare) => prepare(opened))]);
      if (connection.ended) throw new RedisError('away', 'the connection was lost at once');
    } catch (error) {
      connection?.close();
      this.#lost(error);
      return;
    }
    if (this.#closed) {
      connection.close();
      return;
    }
    const used = connection;
    this.#connection = used;
    this.#upSinceMs = this.#clock.monotonicMs();
    used.onEnd((cause) => {
      if (this.#connection === used) this.#leave(cause);
    });
    if (this.#lastProblem) this.#log.info({}, 'Redis is reached again');
    this.#lastProblem = '';
    this.#ping(used);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    const isReplaced = this.#runId !== undefined && (runId === '' || runId !== this.#runId);
    this.#runId = runId;
    this.events.emit('stateChanged', { state: 'up' });
    if (isReplaced) this.events.emit('replaced', {});
  }

  /** Nothing more is sent on it. What was sent is answered: part of it may have been carried out. */
  #retire(connection: RedisConnection, cause: RedisError): void {
    if (this.#connection !== connection) return;
    void connection.whenIdle().then(() => connection.close());
    this.#leave(cause);
  }

  #leave(cause: RedisError): void {
    this.#connection = undefined;
    if (this.#clock.monotonicMs() - this.#upSinceMs >= stableMs) this.#failures = 0;
    this.#timer?.cancel();
    this.#lost(cause);
    this.events.emit('stateChanged', { state: 'away' });
  }

  #lost(cause: unknown): void {
    if (this.#closed) return;
    const problem = cause instanceof Error ? cause.message : String(cause);
    // One line for one reason, not for each try.
    if (problem !== this.#lastProblem) this.#log.warn({ reason: problem }, 'Redis is not reached');
    this.#lastProblem = problem;
    this.#timer = this.#clock.after(backoffMs(this.#failures++), () => void this.#connect());
  }

  #ping(connection: RedisConnection): void {
    this.#timer = this.#clock.after(pingMs, () => {
      if (this.#connection !== connection) return;
      // A stopped Redis is found by the deadline of this call; other answers are of no interest.
      if (connection.pendingCalls === 0) void this.call('', 'ping', []).catch(() => {});
      this.#ping(connection);
    });
  }
}

/** A process has one, random. Empty where Redis does not tell. */
async function readRunId(connection: RedisConnection): Promise<string> {
  try {
    const info = await connection.call('info', ['server']);
    return /^run_id:(\S+)/m.exec(String(info))?.[1] ?? '';
  } catch (error) {
    if (error instanceof RedisError && error.kind === 'refused') return '';
    throw error;
  }
}
