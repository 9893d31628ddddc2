// One TCP connection to one Redis, for as long as it lives. It never connects again: who wants another one opens it. So nothing
// of one connection (queues, subscriptions, calls that were not answered) can reach into the next.

import { Redis, type RedisOptions } from 'ioredis';
import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import { RedisError, toRedisError } from './redis-error.ts';

export type Argument = string | Buffer;

/** Numbers, texts (or buffers where they were asked for), null, and arrays of those. */
export type Reply = null | number | string | Buffer | readonly Reply[];

export interface ConnectionOptions {
  readonly redis: Omit<RedisOptions, 'replyMapping'>;
  readonly clock?: Clock;
  /** From the call to its answer. Beyond it the connection is given up: answers come in order, so that none comes any more. */
  readonly deadlineMs?: number;
  readonly connectTimeoutMs?: number;
}

/** Calls that are not answered yet; what is more is refused as `busy`. */
const maxPendingCalls = 4_096;
const maxPendingBytes = 32 * 1024 * 1024;
const defaultDeadlineMs = 1_750;
const defaultConnectTimeoutMs = 1_000;

interface PendingCall {
  readonly sentAtMs: number;
  readonly bytes: number;
  readonly fail: (error: RedisError) => void;
}

export class RedisConnection {
  readonly #client: Redis;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  /** In the order in which they were sent. */
  readonly #pending = new Set<PendingCall>();
  #pendingBytes = 0;
  #timer: Timer | undefined;
  #ended = false;
  #corked = false;
  #lastError: Error | undefined;
  readonly #idleListeners: (() => void)[] = [];
  readonly #endListeners = new Set<(cause: RedisError) => void>();

  /** @throws {RedisError} `away`, when it cannot be reached, refuses the password, or does not answer. */
  static async open(options: ConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(options);
    try {
      await connection.#connect(options.connectTimeoutMs ?? defaultConnectTimeoutMs);
      // A process that is stopped is connected to as well, and one that loads its data answers with an error.
      await connection.call('PING', []);
      return connection;
    } catch (error) {
      connection.close();
      throw new RedisError('away', (connection.#lastError ?? toRedisError(error)).message, { cause: error });
    }
  }

  private constructor({
    redis,
    clock = systemClock,
    deadlineMs = defaultDeadlineMs,
    connectTimeoutMs,
  }: ConnectionOptions) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#client = new Redis({
      ...redis,
      lazyConnect: true,
      connectTimeout: connectTimeoutMs ?? defaultConnectTimeoutMs,
      retryStrategy: null,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      // INFO would wait for ever for a Redis that is stopped; PING is asked with a deadline.
      enableReadyCheck: false,
      disableClientInfo: true,
      protocol: 2,
      keepAlive: 5_000,
    });
    this.#client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.#client.on('end', () =>
      this.#end(this.#lastError ?? new Error('the connection was closed by the other side')),
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  get pendingCalls(): number {
    return this.#pending.size;
  }

  /** Called once, also when it is closed by us. */
  onEnd(listener: (cause: RedisError) => void): void {
    this.#endListeners.add(listener);
  }

  /**
   * Sends one command; commands of a connection are carried out and answered in the order of their calls.
   * `buffers`: the answer's texts as buffers.
   * @throws {RedisError} (by rejecting) of any kind but `closed`.
   */
  call(
    command: string,
    args: readonly Argument[],
    { buffers = false }: { readonly buffers?: boolean } = {},
  ): Promise<Reply> {
    const stream = this.#client.stream;
    if (this.#ended || this.#client.status !== 'ready' || !stream.writable) {
      return Promise.reject(new RedisError('away', 'there is no connection'));
    }
    const bytes = args.reduce((sum, argument) => sum + argument.length, 0);
    if (this.#pending.size >= maxPendingCalls || this.#pendingBytes + bytes > maxPendingBytes) {
      return Promise.reject(new RedisError('busy', 'too many calls to Redis are under way'));
    }
    if (!this.#corked) this.#cork();
    return new Promise((resolve, reject) => {
      const pending: PendingCall = { sentAtMs: this.#clock.monotonicMs(), bytes, fail: reject };
      this.#pending.add(pending);
      this.#pendingBytes += bytes;
      if (!this.#timer) this.#watch(pending);
      const list = args as Argument[];
      const answer = buffers ? this.#client.callBuffer(command, list) : this.#client.call(command, list);
      answer.then(
        (reply) => {
          if (this.#settle(pending)) resolve(reply as Reply);
        },
        (error: unknown) => {
          if (this.#settle(pending)) reject(toRedisError(error));
        },
      );
    });
  }

  /** What is published to the channels, sharded ones too, that this connection subscribes to. */
  onMessage(listener: (channel: Buffer, message: Buffer) => void): void {
    this.#client.on('messageBuffer', listener);
    this.#client.on('smessageBuffer', listener);
    // Redis ends subscriptions by itself when the slot of a sharded channel leaves it.
    this.#client.on('moved', () => this.#end(new Error('a channel is at another server')));
  }

  /** At once. Calls that were not answered fail as `unknown`. */
  close(cause: Error = new RedisError('closed', 'the connection was closed')): void {
    this.#end(cause);
  }

  /** Resolves when nothing is under way any more, or when the connection has ended. */
  whenIdle(): Promise<void> {
    return this.#pending.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  async #connect(timeoutMs: number): Promise<void> {
    let timer: Timer | undefined;
    // Of the whole handshake: a sentinel that does not answer, a password that is not looked at.
    const late = new Promise<never>((_, reject) => {
      const fail = () => reject(new Error('no answer while connecting'));
      timer = this.#clock.after(timeoutMs + this.#deadlineMs, fail);
    });
    try {
      await Promise.race([this.#client.connect(), late]);
    } finally {
      timer?.cancel();
    }
  }

  /** What is called in one turn leaves as one packet. */
  #cork(): void {
    const { stream } = this.#client;
    this.#corked = true;
    stream.cork();
    process.nextTick(() => {
      this.#corked = false;
      stream.uncork();
    });
  }

  #settle(call: PendingCall): boolean {
    if (!this.#pending.delete(call)) return false;
    this.#pendingBytes -= call.bytes;
    if (this.#pending.size === 0) for (const listener of this.#idleListeners.splice(0)) listener();
    return true;
  }

  /** One timer, for the oldest call: those behind it are answered later. */
  #watch(call: PendingCall): void {
    this.#timer = this.#clock.after(call.sentAtMs + this.#deadlineMs - this.#clock.monotonicMs(), () => {
      // Was it this process that stood still, the answer lies in the socket: it is read before.
      setImmediate(() => {
        this.#timer = undefined;
        const [oldest] = this.#pending;
        if (oldest === undefined) return;
        if (oldest.sentAtMs + this.#deadlineMs > this.#clock.monotonicMs()) this.#watch(oldest);
        else this.#end(new Error(`Redis did not answer within ${this.#deadlineMs} ms`));
      });
    });
  }

  #end(cause: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    const { stream } = this.#client;
    this.#client.disconnect();
    // Without it a Redis that is stopped would keep the socket for seconds more.
    stream?.destroy();
    const unknown = new RedisError('unknown', cause.message, { cause });
    for (const call of [...this.#pending]) if (this.#settle(call)) call.fail(unknown);
    for (const listener of this.#endListeners) listener(unknown);
  }
}
