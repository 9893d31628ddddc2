// The link to a Redis Cluster: one to each of its masters, and the map of who has which key. Calls are never sent on to another
// server by themselves: two of one room could overtake each other. One that comes to the wrong server fails as `away`, and the
// map is read anew.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import { Emitter } from '../../core/events.ts';
import { backoffMs } from './backoff.ts';
import { MasterLink } from './master-link.ts';
import type { Argument, RedisConnection, Reply } from './redis-connection.ts';
import { RedisError } from './redis-error.ts';
import type { CallOptions, LinkOptions, RedisLink, RedisLinkEvents } from './redis-link.ts';
import type { RedisAddress } from './redis-target.ts';
import { addressKey, readMoved, readSlots, type SlotMap } from './slot-map.ts';
import { partitions, slotOf, tagOfPartition } from './tags.ts';

/** The map is read again, though nothing seems to have changed. */
const refreshMs = 15_000;

export interface ClusterLinkEvents {
  /** Emitted when slots are elsewhere than before. */
  mapped: Record<never, never>;
}

interface Master {
  readonly address: RedisAddress;
  readonly link: MasterLink;
}

type Open = (address: RedisAddress) => Promise<RedisConnection>;

export class ClusterLink implements RedisLink {
  readonly events: Emitter<RedisLinkEvents & ClusterLinkEvents>;
  readonly sharded: boolean;
  readonly #open: Open;
  readonly #seeds: readonly RedisAddress[];
  readonly #options: LinkOptions;
  readonly #clock: Clock;
  #slots: readonly (MasterLink | undefined)[] = [];
  #map: SlotMap = [];
  #masters = new Map<string, Master>();
  #state: 'up' | 'away' = 'away';
  /** Who has a key that was asked for elsewhere: others may not know of it yet. */
  #hint: RedisAddress | undefined;
  #failures = 0;
  #isReading = false;
  #isDueSoon = false;
  #timer: Timer | undefined;
  #closed = false;
  readonly #waiting: { resolve: () => void; reject: (error: RedisError) => void }[] = [];

  constructor(open: Open, seeds: readonly RedisAddress[], options: LinkOptions) {
    this.#open = open;
    this.#seeds = seeds;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.sharded = options.sharded ?? false;
    this.events = new Emitter((error) => options.log.error({ err: error }, 'a listener of the link to Redis failed'));
    void this.#refresh();
  }

  /** `up`: each slot has a master that is reached. */
  get state(): 'up' | 'away' {
    return this.#state;
  }

  get masters(): readonly MasterLink[] {
    return [...this.#masters.values()].map(({ link }) => link);
  }

  /** Of the masters, as far as they are known. */
  get addresses(): readonly RedisAddress[] {
    return [...this.#masters.values()].map(({ address }) => address);
  }

  get tags(): readonly string[] {
    const tags = new Map<MasterLink, string>();
    for (let partition = 0; partition < partitions; partition++) {
      const tag = tagOfPartition(partition);
      const master = this.#slots[slotOf(tag)];
      if (master && !tags.has(master)) tags.set(master, tag);
    }
    return [...tags.values()];
  }

  /** The master that has the key, or the channel; undefined where none is known. */
  addressOf(key: string): RedisAddress | undefined {
    return this.#map[slotOf(key)];
  }

  /** The map may be wrong. */
  lookAgain(): void {
    this.#refreshSoon();
  }

  async call(key: string, command: string, args: readonly Argument[], options?: CallOptions): Promise<Reply> {
    if (this.#closed) throw new RedisError('closed', 'the link to Redis was closed');
    const master = this.#slots[slotOf(key)];
    if (!master) throw new RedisError('away', 'no server of the cluster is known to have the key');
    try {
      return await master.call(key, command, args, options);
    } catch (error) {
      // It was answered: the map is wrong, or the cluster is changing.
      if (error instanceof RedisError && error.kind === 'away' && error.code !== '') {
        this.#hint = readMoved(error.message) ?? this.#hint;
        this.#refreshSoon();
      }
      throw error;
    }
  }

  whenUp(): Promise<void> {
    if (this.#closed) return Promise.reject(new RedisError('closed', 'the link to Redis was closed'));
    if (this.#state === 'up') return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    for (const { reject } of this.#waiting.splice(0)) reject(new RedisError('closed', 'the link to Redis was closed'));
    await Promise.all(this.masters.map((master) => master.close()));
  }

  /** Calls that come to the wrong server one after the other must not put it off again and again. */
  #refreshSoon(): void {
    if (this.#closed || this.#isReading || this.#isDueSoon) return;
    this.#isDueSoon = true;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(backoffMs(this.#failures), () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    if (this.#closed || this.#isReading) return;
    this.#isDueSoon = false;
    this.#isReading = true;
    const map = await this.#readMap();
    this.#isReading = false;
    if (this.#closed) return;
    if (map) this.#apply(map);
    this.#tell();
    // As long as something is missing it is asked for again: a replica may take over.
    this.#failures = this.#state === 'up' ? 0 : this.#failures + 1;
    this.#timer?.cancel();
    const waitMs = this.#state === 'up' ? refreshMs : Math.max(backoffMs(this.#failures), 50);
    this.#timer = this.#clock.after(waitMs, () => void this.#refresh());
  }

  /** Of the first that answers. */
  async #readMap(): Promise<SlotMap | undefined> {
    const hint = this.#hint;
    this.#hint = undefined;
    const up = [...this.#masters.values()].filter(({ link }) => link.state === 'up');
    const known = hint && up.find(({ address }) => addressKey(address) === addressKey(hint));
    if (hint && !known) {
      const map = await this.#readMapAt(hint);
      if (map) return map;
    }
    for (const { address, link } of known ? [known, ...up] : up) {
      try {
        return readSlots(await link.call('', 'cluster', ['slots']), address);
      } catch {
        // The next one may know.
      }
    }
    for (const seed of this.#seeds) {
      const map = await this.#readMapAt(seed);
      if (map) return map;
    }
    return undefined;
  }

  async #readMapAt(address: RedisAddress): Promise<SlotMap | undefined> {
    let connection: RedisConnection | undefined;
    try {
      connection = await this.#open(address);
      return readSlots(await connection.call('cluster', ['slots']), address);
    } catch (error) {
      this.#options.log.debug({ err: error, ...address }, 'a server of the Redis Cluster does not answer');
      return undefined;
    } finally {
      connection?.close();
    }
  }

  #apply(map: SlotMap): void {
    const before = this.#map;
    const masters = new Map<string, Master>();
    for (const address of new Set(map)) {
      if (!address) continue;
      const key = addressKey(address);
      if (!masters.has(key)) masters.set(key, this.#masters.get(key) ?? { address, link: this.#linkTo(address) });
    }
    const gone = [...this.#masters].filter(([key]) => !masters.has(key));
    this.#map = map;
    this.#masters = masters;
    this.#slots = map.map((address) => address && masters.get(addressKey(address))?.link);
    for (const [, { link }] of gone) void link.close();
    const keyOf = (address: RedisAddress | undefined) => (address ? addressKey(address) : '');
    const isMoved = before.some((address, slot) => address !== undefined && keyOf(address) !== keyOf(map[slot]));
    const isOther = map.some((address, slot) => keyOf(address) !== keyOf(before[slot]));
    if (isOther) this.events.emit('mapped', {});
    if (isMoved) this.events.emit('replaced', {});
  }

  #linkTo(address: RedisAddress): MasterLink {
    const link = new MasterLink(() => this.#open(address), this.#options);
    link.events.on('stateChanged', ({ state }) => {
      if (!this.#masters.has(addressKey(address))) return;
      this.#tell();
      if (state === 'away') this.#refreshSoon();
    });
    link.events.on('replaced', () => this.events.emit('replaced', {}));
    return link;
  }

  #tell(): void {
    const isWhole = this.#slots.length > 0 && this.#slots.every((master) => master?.state === 'up');
    const state = isWhole ? 'up' : 'away';
    if (state === this.#state || this.#closed) return;
    this.#state = state;
    if (state === 'up') for (const { resolve } of this.#waiting.splice(0)) resolve();
    this.events.emit('stateChanged', { state });
  }
}
