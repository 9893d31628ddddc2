// Sharded channels of a Redis Cluster: each is heard at the master that has its slot. A connection to each of them, and channels
// that follow their slots.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { ClusterLink } from './cluster-link.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisError } from './redis-error.ts';
import type { RedisAddress } from './redis-target.ts';
import { addressKey } from './slot-map.ts';
import { type Channels, type MessageListener, Subscriber, type SubscriberEvents } from './subscriber.ts';

interface Heard {
  readonly channel: string;
  readonly listener: MessageListener;
  /** Where it is heard; undefined while it is heard nowhere. */
  at: Subscriber | undefined;
  leave: () => void;
}

/** Channels that are on their way to another master. */
const movesAtOnce = 512;
const againMs = 100;
const upSoonMs = 1_000;

const away = () => new RedisError('away', 'no connection hears of the channel');

export class ShardedSubscriber implements Channels {
  readonly #link: ClusterLink;
  readonly #open: (address: RedisAddress) => Promise<RedisConnection>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #events: Emitter<SubscriberEvents>;
  readonly #shards = new Map<string, Subscriber>();
  readonly #heard = new Set<Heard>();
  readonly #ends: (() => void)[];
  readonly #waiting: { resolve: () => void; reject: (error: RedisError) => void }[] = [];
  #timer: Timer | undefined;
  #isArranging = false;
  #again = false;
  #isInterrupted = false;
  #closed = false;

  constructor(
    link: ClusterLink,
    open: (address: RedisAddress) => Promise<RedisConnection>,
    { clock = systemClock, log }: { readonly clock?: Clock; readonly log: Logger },
  ) {
    this.#link = link;
    this.#open = open;
    this.#clock = clock;
    this.#log = log;
    this.#events = new Emitter((error) => log.error({ err: error }, 'a listener of the subscriber failed'));
    this.#ends = [link.events.on('mapped', () => this.#arrange())];
    this.#arrange();
  }

  get events(): Listening<SubscriberEvents> {
    return this.#events;
  }

  get isUp(): boolean {
    const shards = [...this.#shards.values()];
    return shards.length > 0 && shards.every((shard) => shard.isUp) && !this.#isArranging;
  }

  whenUp(): Promise<void> {
    if (this.#closed) return Promise.reject(new RedisError('closed', 'the subscriber was closed'));
    if (this.isUp) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** As {@link Subscriber.subscribe}. The masters of other shards may be gone. */
  async subscribe(channel: string, listener: MessageListener): Promise<() => void> {
    if (!this.#shardOf(channel)) await this.#mapSoon();
    const at = this.#shardOf(channel);
    if (!at) throw away();
    const heard: Heard = { channel, listener, at, leave: () => {} };
    try {
      heard.leave = await at.subscribe(channel, listener);
    } catch (error) {
      this.#link.lookAgain();
      if (error instanceof RedisError && error.kind === 'refused') throw away();
      throw error;
    }
    this.#heard.add(heard);
    // Its slot may have moved meanwhile.
    if (this.#shardOf(channel) !== at) this.#arrange();
    return () => {
      if (this.#heard.delete(heard)) heard.leave();
    };
  }

  distrust(why: string): void {
    for (const shard of this.#shards.values()) shard.distrust(why);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const end of this.#ends.splice(0)) end();
    for (const shard of this.#shards.values()) shard.close();
    this.#shards.clear();
    this.#heard.clear();
    for (const { reject } of this.#waiting.splice(0)) reject(new RedisError('closed', 'the subscriber was closed'));
  }

  #shardOf(channel: string): Subscriber | undefined {
    const address = this.#link.addressOf(channel);
    return address && this.#shards.get(addressKey(address));
  }

  /** At a start the map may still be on its way. */
  async #mapSoon(): Promise<void> {
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = this.#clock.after(upSoonMs, resolve);
    });
    await Promise.race([this.#link.whenUp().catch(() => {}), late]);
    timer?.cancel();
  }

  /** Connections to those that have slots, and channels where theirs are. */
  #arrange(): void {
    this.#again = true;
    if (this.#isArranging || this.#closed) return;
    this.#isArranging = true;
    this.#timer?.cancel();
    void this.#arrangeAll();
  }

  async #arrangeAll(): Promise<void> {
    let isWhole = true;
    while (this.#again && !this.#closed) {
      this.#again = false;
      this.#connect();
      isWhole = await this.#moveChannels();
    }
    this.#isArranging = false;
    if (this.#closed) return;
    if (!isWhole) this.#timer = this.#clock.after(againMs, () => this.#arrange());
    this.#check();
  }

  #connect(): void {
    const addresses = new Map(this.#link.addresses.map((address) => [addressKey(address), address]));
    for (const [key, address] of addresses) if (!this.#shards.has(key)) this.#shards.set(key, this.#openShard(address));
    for (const [key, shard] of this.#shards) {
      if (addresses.has(key)) continue;
      this.#shards.delete(key);
      shard.close();
    }
  }

  #openShard(address: RedisAddress): Subscriber {
    const shard = new Subscriber(() => this.#open(address), { clock: this.#clock, log: this.#log, sharded: true });
    shard.events.on('interrupted', () => {
      this.#interrupted();
      // It may have lost its slots, or all of itself.
      this.#link.lookAgain();
    });
    shard.events.on('restored', () => this.#check());
    shard.whenUp().then(
      () => this.#check(),
      () => {},
    );
    return shard;
  }

  /** Whether all are heard. */
  async #moveChannels(): Promise<boolean> {
    const moving = [...this.#heard].filter(({ channel, at }) => at === undefined || at !== this.#shardOf(channel));
    if (moving.length > 0) this.#interrupted();
    for (const heard of moving) {
      heard.leave();
      heard.leave = () => {};
      heard.at = undefined;
    }
    for (let first = 0; first < moving.length && !this.#closed; first += movesAtOnce) {
      await Promise.all(moving.slice(first, first + movesAtOnce).map((heard) => this.#hearElsewhere(heard)));
    }
    return moving.every((heard) => heard.at !== undefined || !this.#heard.has(heard));
  }

  async #hearElsewhere(heard: Heard): Promise<void> {
    const at = this.#shardOf(heard.channel);
    if (!at || !this.#heard.has(heard)) return;
    try {
      const leave = await at.subscribe(heard.channel, heard.listener);
      // Who left while it was on its way does not hear it.
      if (!this.#heard.has(heard)) leave();
      heard.leave = leave;
      heard.at = at;
    } catch {
      this.#link.lookAgain();
    }
  }

  #interrupted(): void {
    if (this.#isInterrupted || this.#closed) return;
    this.#isInterrupted = true;
    this.#events.emit('interrupted', {});
  }

  #check(): void {
    if (this.#closed || !this.isUp || [...this.#heard].some(({ at }) => at === undefined)) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    if (!this.#isInterrupted) return;
    this.#isInterrupted = false;
    this.#events.emit('restored', {});
  }
}
