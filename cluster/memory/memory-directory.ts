// One node's directory over the memory that the nodes share: beats, and what follows when none is answered.

import type { Timer } from '../../core/clock.ts';
import { Emitter } from '../../core/events.ts';
import {
  type Directory,
  type LeaseEvents,
  type LeaseState,
  type Life,
  maxTallyBytes,
  type NodeInfo,
  type NodeLeases,
  type PhonePlaces,
  type RoomOwnerEvents,
  type RoomOwners,
  type RoomPlace,
  type Tallies,
  type UserPlaces,
} from '../directory.ts';
import { type RoomLog, type RoomLogEvents, StoreError } from '../room-log.ts';
import type { MemoryCluster } from './memory-cluster.ts';

export class MemoryDirectory implements Directory {
  readonly nodes: NodeLeases;
  readonly rooms: RoomOwners;
  readonly users: UserPlaces;
  readonly phones: PhonePlaces;
  readonly calls: PhonePlaces;
  readonly tallies: Tallies;
  /** The room log's own view of the same store. */
  readonly logState: Pick<RoomLog, 'state' | 'events'>;
  readonly #cluster: MemoryCluster;
  readonly #node: string;
  readonly #others = new Map<Life, NodeInfo>();
  readonly #leaseEvents = new Emitter<LeaseEvents>(() => {});
  readonly #ownerEvents = new Emitter<RoomOwnerEvents>(() => {});
  readonly #logEvents = new Emitter<RoomLogEvents>(() => {});
  readonly #buried = new Set<Life>();
  #life: Life;
  #state: LeaseState = 'up';
  #info: (() => NodeInfo) | undefined;
  #timer: Timer | undefined;
  #answeredAtMs = 0;
  /** Since when its beats are answered without a break. */
  #steadySinceMs = 0;
  #dataSet = 0;

  constructor(cluster: MemoryCluster, node: string) {
    this.#cluster = cluster;
    this.#node = node;
    this.#life = cluster.newLife(node);
    const life = () => this.#life;
    const state = () => this.#state;
    this.nodes = {
      get life() {
        return life();
      },
      others: this.#others,
      get state() {
        return state();
      },
      // Those that it knew are so when it hears of it.
      isDead: (one) => this.#buried.has(one) || (cluster.buried.has(one) && !this.#others.has(one)),
      events: this.#leaseEvents,
      start: (info) => this.#start(info),
      end: async () => {
        this.stop();
        this.#sweep(this.#life);
        cluster.forget(this.#life);
      },
    };
    this.logState = {
      get state() {
        return state() === 'up' ? 'up' : 'away';
      },
      events: this.#logEvents,
    };
    this.rooms = this.#createRooms();
    this.users = {
      came: (identity) => this.#countUser(identity, 1),
      left: (identity) => this.#countUser(identity, -1),
      whereAre: async (identities) => this.#find(identities, (identity) => cluster.users.get(identity)?.keys() ?? []),
    };
    this.phones = this.#timedPlaces(cluster.phones);
    this.calls = this.#timedPlaces(cluster.calls);
    this.tallies = {
      tell: async (text) => {
        if (Buffer.byteLength(text) > maxTallyBytes)
          throw new StoreError('corrupt', 'What the node counts is too large.');
        cluster.requireReachable(node);
        cluster.tallies.set(node, { life: this.#life, text });
        const others = [...cluster.tallies].filter(([name]) => name !== node);
        return others.map(([name, told]) => ({ name, living: this.#others.has(told.life), text: told.text }));
      },
    };
  }

  async close(): Promise<void> {
    this.stop();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Now, and on from here. */
  beatNow(): void {
    if (this.#info === undefined) return;
    this.stop();
    this.#beat();
    this.#timer = this.#cluster.clock.after(this.#cluster.beatMs, () => this.beatNow());
  }

  heardOfDeath(life: Life): void {
    if (this.#buried.has(life)) return;
    this.#buried.add(life);
    this.#others.delete(life);
    this.#leaseEvents.emit('died', { life });
  }

  heardOfOwner(room: string, place: RoomPlace): void {
    this.#ownerEvents.emit('ownerChanged', { room, place });
  }

  async #start(info: () => NodeInfo): Promise<void> {
    this.#cluster.requireReachable(this.#node);
    this.#info = info;
    this.#dataSet = this.#cluster.dataSet;
    this.#register();
    this.#steadySinceMs = this.#cluster.clock.monotonicMs();
    this.beatNow();
  }

  #beat(): void {
    const { clock, leaseMs } = this.#cluster;
    const nowMs = clock.monotonicMs();
    if (!this.#cluster.isReachable(this.#node)) {
      this.#steadySinceMs = Number.POSITIVE_INFINITY;
      const isIsolated = [...this.#others.values()].some(({ name }) => this.#cluster.isAnswering(name));
      if (nowMs - this.#answeredAtMs > leaseMs) this.#setState(isIsolated ? 'isolated' : 'away');
      return;
    }
    this.#steadySinceMs = Math.min(this.#steadySinceMs, nowMs);
    this.#answeredAtMs = nowMs;
    const isReset = this.#dataSet !== this.#cluster.dataSet;
    this.#dataSet = this.#cluster.dataSet;
    const before = this.#life;
    const isBuried = !isReset && !this.#cluster.leases.has(before);
    if (isBuried) this.#life = this.#cluster.newLife(this.#node);
    // The others may not have beaten since.
    if (isReset) this.#steadySinceMs = nowMs;
    this.#register();
    this.#setState('up');
    if (isReset) this.#leaseEvents.emit('reset', {});
    if (isReset) this.#logEvents.emit('rewound', {});
    if (isBuried) this.#leaseEvents.emit('reborn', { before, life: this.#life });
    this.#look();
    if (nowMs - this.#steadySinceMs >= leaseMs) this.#buryOthers();
  }

  #register(): void {
    const { leases, clock, leaseMs } = this.#cluster;
    leases.set(this.#life, { node: this.#node, untilMs: clock.monotonicMs() + leaseMs, info: this.#info?.() });
  }

  /** Who is there, and who is there no more. */
  #look(): void {
    const nowMs = this.#cluster.clock.monotonicMs();
    for (const [life, lease] of this.#cluster.leases) {
      if (life === this.#life) continue;
      const info = lease.info as NodeInfo;
      const known = this.#others.get(life);
      if (known === undefined && lease.untilMs < nowMs) continue;
      this.#others.set(life, info);
      if (known === undefined) this.#leaseEvents.emit('came', { life, info });
      else if (JSON.stringify(known) !== JSON.stringify(info)) this.#leaseEvents.emit('changed', { life, info });
    }
    // After a reset the others have not all beaten yet: they are missing for one beat.
    if (nowMs - this.#steadySinceMs < this.#cluster.leaseMs) return;
    for (const life of [...this.#others.keys()]) if (!this.#cluster.leases.has(life)) this.heardOfDeath(life);
  }

  #buryOthers(): void {
    for (const life of [...this.#cluster.leases.keys()]) {
      if (life === this.#life || !this.#cluster.bury(life)) continue;
      this.#sweep(life);
      this.heardOfDeath(life);
    }
  }

  /** Rooms that the dead alone was in. */
  #sweep(dead: Life): void {
    for (const room of this.#cluster.owners.roomsOf(dead)) {
      if (this.#cluster.owners.get(room)?.nodes.every((life) => life === dead)) this.#cluster.owners.leave(room, dead);
    }
  }

  #createRooms(): RoomOwners {
    const { owners } = this.#cluster;
    const placeOf = (room: string): RoomPlace => {
      const place = owners.get(room);
      if (place === undefined) throw new StoreError('unknown', 'Nobody is in the room.');
      return place;
    };
    const told = (changed: boolean, room: string) => {
      if (changed) this.#cluster.ownerChanged(this.#node, room);
    };
    const reach = () => this.#cluster.requireReachable(this.#node);
    return {
      events: this.#ownerEvents,
      find: async (room) => {
        reach();
        return owners.get(room);
      },
      enter: async (room, options, seen) => {
        reach();
        owners.enter(room, this.#life, options, seen);
        return placeOf(room);
      },
      leave: async (room) => {
        reach();
        told(owners.leave(room, this.#life), room);
      },
      claim: async (room, seenTerm) => {
        reach();
        told(owners.claim(room, this.#life, seenTerm), room);
        return placeOf(room);
      },
      keepControl: async (room, term, control) => {
        reach();
        return owners.keepControl(room, term, control) ? 'kept' : 'not-owner';
      },
      drop: async (room, dead) => {
        reach();
        told(owners.leave(room, dead), room);
      },
    };
  }

  #find(identities: readonly string[], livesOf: (identity: string) => Iterable<Life>): Map<string, readonly Life[]> {
    this.#cluster.requireReachable(this.#node);
    return new Map(
      identities.flatMap((identity) => {
        const lives = [...livesOf(identity)].filter((one) => this.#cluster.leases.has(one));
        return lives.length === 0 ? [] : [[identity, lives]];
      }),
    );
  }

  #timedPlaces(all: Map<string, Map<Life, number>>): PhonePlaces {
    const { clock } = this.#cluster;
    return {
      publish: (identity, contacts) => {
        if (!this.#cluster.isReachable(this.#node)) return;
        const untilMs = Math.max(0, ...contacts.map((contact) => contact.untilMs));
        const lives = all.get(identity) ?? new Map<Life, number>();
        all.set(identity, lives);
        if (untilMs > clock.nowMs()) lives.set(this.#life, untilMs);
        else lives.delete(this.#life);
        if (lives.size === 0) all.delete(identity);
      },
      whereAre: async (identities) =>
        this.#find(identities, (identity) =>
          [...(all.get(identity) ?? [])].filter(([, untilMs]) => untilMs > clock.nowMs()).map(([life]) => life),
        ),
    };
  }

  #countUser(identity: string, by: 1 | -1): void {
    if (!this.#cluster.isReachable(this.#node)) return;
    const lives = this.#cluster.users.get(identity) ?? new Map<Life, number>();
    this.#cluster.users.set(identity, lives);
    const count = (lives.get(this.#life) ?? 0) + by;
    if (count > 0) lives.set(this.#life, count);
    else lives.delete(this.#life);
    if (lives.size === 0) this.#cluster.users.delete(identity);
  }

  #setState(state: LeaseState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#leaseEvents.emit('stateChanged', { state });
    this.#logEvents.emit('stateChanged', { state: this.logState.state, sinceMs: this.#cluster.clock.nowMs() });
  }
}
