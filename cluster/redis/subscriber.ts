// A connection that hears what is published, and another one as soon as that is lost, with the same subscriptions.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { backoffMs } from './backoff.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisError } from './redis-error.ts';
import { slotOf } from './tags.ts';

export type MessageListener = (message: Buffer) => void;

export interface SubscriberEvents {
  /** Emitted when messages may be lost from here on. */
  interrupted: Record<never, never>;
  /** Emitted when all subscriptions hold again, and nothing is lost from here on. */
  restored: Record<never, never>;
}

export interface SubscriberOptions {
  readonly clock?: Clock;
  readonly log: Logger;
  /** Of sharded channels, which are heard at the server that has their slot alone. */
  readonly sharded?: boolean;
}

/** Channels of Redis, over however many connections. */
export type Channels = Pick<Subscriber, 'events' | 'isUp' | 'whenUp' | 'subscribe' | 'distrust' | 'close'>;

/** In one command. */
const channelsAtOnce = 512;
/** A connection that lived for less counts as another failure. */
const stableMs = 1_000;
const pingMs = 2_000;
const upSoonMs = 1_000;

const away = () => new RedisError('away', 'there is no connection that hears of channels');

export class Subscriber {
  readonly #events: Emitter<SubscriberEvents>;
  readonly #open: () => Promise<RedisConnection>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sharded: boolean;
  /** A list is never changed: who hears may come and go meanwhile. */
  readonly #channels = new Map<string, readonly MessageListener[]>();
  /** The connection that is being made, or is used. */
  #connection: RedisConnection | undefined;
  /** All of `#channels` hold on it, but those that a call still waits for. */
  #up = false;
  #wasUp = false;
  #upSinceMs = 0;
  #failures = 0;
  #closed = false;
  #timer: Timer | undefined;
  readonly #waiting: { resolve: () => void; reject: (error: RedisError) => void }[] = [];

  constructor(open: () => Promise<RedisConnection>, { clock = systemClock, log, sharded = false }: SubscriberOptions) {
    this.#open = open;
    this.#clock = clock;
    this.#log = log;
    this.#sharded = sharded;
    this.#events = new Emitter((error) => log.error({ err: error }, 'a listener of the subscriber failed'));
    void this.#connect();
  }

  get events(): Listening<SubscriberEvents> {
    return this.#events;
  }

  get isUp(): boolean {
    return this.#up;
  }

  whenUp(): Promise<void> {
    if (this.#up) return Promise.resolve();
    if (this.#closed) return Promise.reject(new RedisError('closed', 'the subscriber was closed'));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * Resolves when nothing that is published from then on can be missed but by `interrupted`, with what ends it. Listeners of one
   * channel share a subscription. While there is no connection it waits for a moment: a link that is up again may be the faster
   * one.
   * @throws {RedisError} (by rejecting); then there is no subscription.
   */
  async subscribe(channel: string, listener: MessageListener): Promise<() => void> {
    if (!this.#up) await this.#upSoon();
    const connection = this.#connection;
    if (!this.#up || !connection) throw away();
    // Of its own, so that it can be given twice.
    const own: MessageListener = (message) => listener(message);
    this.#channels.set(channel, [...(this.#channels.get(channel) ?? []), own]);
    const leave = () => this.#leave(channel, own);
    try {
      // For a channel that is known too: its subscription may be under way still.
      await connection.call(this.#sharded ? 'ssubscribe' : 'subscribe', [channel]);
      if (connection !== this.#connection) throw new RedisError('away', 'the connection was lost');
    } catch (error) {
      leave();
      throw error instanceof RedisError && error.kind === 'unknown' ? new RedisError('away', error.message) : error;
    }
    return leave;
  }

  /** Gives the connection up for another one: it has proved not to hear everything. */
  distrust(why: string): void {
    if (this.#up) this.#connection?.close(new RedisError('away', why));
  }

  close(): void {
    this.#closed = true;
    this.#up = false;
    this.#timer?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
    this.#channels.clear();
    for (const { reject } of this.#waiting.splice(0)) reject(new RedisError('closed', 'the subscriber was closed'));
  }

  async #upSoon(): Promise<void> {
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = this.#clock.after(upSoonMs, () => reject(away()));
    });
    try {
      await Promise.race([this.whenUp(), late]);
    } finally {
      timer?.cancel();
    }
  }

  #leave(channel: string, listener: MessageListener): void {
    const listeners = this.#channels.get(channel);
    if (!listeners?.includes(listener)) return;
    const others = listeners.filter((one) => one !== listener);
    if (others.length > 0) {
      this.#channels.set(channel, others);
      return;
    }
    this.#channels.delete(channel);
    // In the order of calls: who subscribes again after this does so behind it. Lost with the connection, it is not needed.
    this.#connection?.call(this.#sharded ? 'sunsubscribe' : 'unsubscribe', [channel]).catch(() => {});
  }

  async #connect(): Promise<void> {
    let connection: RedisConnection | undefined;
    try {
      connection = await this.#open();
      if (this.#closed) {
        connection.close();
        return;
      }
      connection.onMessage((channel, message) => this.#hear(channel.toString(), message));
      this.#connection = connection;
      await this.#subscribeAll(connection);
      if (connection.ended) throw new RedisError('away', 'the connection was lost at once');
    } catch (error) {
      connection?.close();
      this.#connection = undefined;
      this.#retry(error);
      return;
    }
    this.#use(connection);
  }

  async #subscribeAll(connection: RedisConnection): Promise<void> {
    if (this.#sharded) {
      await this.#subscribeBySlot(connection);
      return;
    }
    const channels = [...this.#channels.keys()];
    for (let at = 0; at < channels.length; at += channelsAtOnce) {
      // Who leaves meanwhile is not in the map any more.
      const some = channels.slice(at, at + channelsAtOnce).filter((channel) => this.#channels.has(channel));
      if (some.length > 0) await connection.call('subscribe', some);
    }
  }

  /** Those of one command are of one slot. */
  async #subscribeBySlot(connection: RedisConnection): Promise<void> {
    const bySlot = new Map<number, string[]>();
    for (const channel of this.#channels.keys()) {
      const slot = slotOf(channel);
      const known = bySlot.get(slot);
      if (known) known.push(channel);
      else bySlot.set(slot, [channel]);
    }
    await Promise.all(Array.from(bySlot.values(), (channels) => connection.call('ssubscribe', channels)));
  }

  #use(connection: RedisConnection): void {
    this.#up = true;
    this.#upSinceMs = this.#clock.monotonicMs();
    connection.onEnd((cause) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      this.#up = false;
      if (this.#clock.monotonicMs() - this.#upSinceMs >= stableMs) this.#failures = 0;
      this.#timer?.cancel();
      this.#retry(cause);
      this.#events.emit('interrupted', {});
    });
    this.#ping(connection);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    if (this.#wasUp) this.#events.emit('restored', {});
    this.#wasUp = true;
  }

  #retry(cause: unknown): void {
    if (this.#closed) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#log.debug({ reason }, 'channels of Redis are not heard');
    this.#timer = this.#clock.after(backoffMs(this.#failures++), () => void this.#connect());
  }

  /** A Redis that is stopped is found by the deadline of this call. */
  #ping(connection: RedisConnection): void {
    this.#timer = this.#clock.after(pingMs, () => {
      if (this.#connection !== connection) return;
      if (connection.pendingCalls === 0) connection.call('ping', []).catch(() => {});
      this.#ping(connection);
    });
  }

  #hear(channel: string, message: Buffer): void {
    for (const listener of this.#channels.get(channel) ?? []) {
      try {
        listener(message);
      } catch (error) {
        this.#log.error({ err: error, channel }, 'a listener of a channel failed');
      }
    }
  }
}
