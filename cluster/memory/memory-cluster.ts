// Several nodes of one process over one store that is gone with it: for tests of what nodes do together. The test cuts
// nodes off, empties the store and says when frames arrive.

import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { Bus } from '../bus.ts';
import type { Directory, Life } from '../directory.ts';
import type { NodeCalls } from '../node-calls.ts';
import { type RoomLog, StoreError } from '../room-log.ts';
import { MemoryBus, type MemoryChannels } from './memory-bus.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { MemoryLogNews } from './memory-log-news.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import { MemoryNodeCalls } from './memory-node-calls.ts';
import { MemoryOwners } from './memory-owners.ts';
import { createMemoryRoomLog } from './memory-room-log.ts';

interface MemoryClusterOptions {
  readonly clock?: Clock;
  readonly leaseMs?: number;
  readonly beatMs?: number;
  /** Carries out what is to arrive at a node; in order for each pair of nodes. By default at once after the turn's work. */
  readonly deliver?: (arrival: () => void, between: { readonly from: string; readonly to: string }) => void;
  /** Nodes that are cut off ask each other whether they alone are. By default they do not. */
  readonly askEachOther?: boolean;
}

export interface MemoryNode {
  readonly name: string;
  readonly bus: Bus;
  readonly directory: Directory;
  readonly roomLog: RoomLog;
  readonly calls: Pick<NodeCalls, 'call' | 'serve'>;
}

/** What a node can do at all. */
interface Reach {
  cut: boolean;
  dead: boolean;
  /** Frames that it will not get. */
  losing: number;
}

export class MemoryCluster {
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly beatMs: number;
  /** What becomes of a question to a node: `unsent`, nothing; `unanswered`, it is done, and who asked hears nothing. */
  faultOf: (to: string, request: object) => 'unsent' | 'unanswered' | undefined = () => undefined;
  readonly owners = new MemoryOwners();
  readonly channels: MemoryChannels = new Map();
  /** When leases run out, on the monotonic clock. */
  readonly leases = new Map<Life, { readonly node: string; untilMs: number; info: unknown }>();
  /** Lives that were buried. */
  readonly buried = new Set<Life>();
  /** How often each identity is somewhere. */
  readonly users = new Map<string, Map<Life, number>>();
  /** Until when each identity has phones somewhere, in milliseconds since 1970. */
  readonly phones = new Map<string, Map<Life, number>>();
  /** The same of calls. */
  readonly calls = new Map<string, Map<Life, number>>();
  /** What each node has told last of what it counts. */
  readonly tallies = new Map<string, { readonly life: Life; readonly text: string }>();
  /** Another one after the store was emptied. */
  dataSet = 1;
  readonly #askEachOther: boolean;
  readonly #deliver: NonNullable<MemoryClusterOptions['deliver']>;
  readonly #store = new MemoryLogStore();
  readonly #news = new MemoryLogNews((from) => (to, arrival) => this.send(from, to, arrival));
  readonly #reach = new Map<string, Reach>();
  readonly #directories = new Map<string, MemoryDirectory>();
  readonly #buses = new Map<string, MemoryBus>();
  readonly #calls = new Map<string, MemoryNodeCalls>();

  constructor(options: MemoryClusterOptions = {}) {
    const {
      clock = systemClock,
      leaseMs = 10_000,
      beatMs = 2_000,
      deliver = (arrival) => queueMicrotask(arrival),
      askEachOther = false,
    } = options;
    this.#askEachOther = askEachOther;
    this.clock = clock;
    this.leaseMs = leaseMs;
    this.beatMs = beatMs;
    this.#deliver = deliver;
  }

  /** A node of that name, which has no other life just now. */
  join(name: string): MemoryNode {
    this.#reach.set(name, { cut: false, dead: false, losing: 0 });
    const bus = new MemoryBus(this, name);
    const directory = new MemoryDirectory(this, name);
    this.#buses.set(name, bus);
    this.#directories.set(name, directory);
    const calls = new MemoryNodeCalls(this, () => directory.nodes.life);
    this.#calls.set(name, calls);
    const roomLog = createMemoryRoomLog({
      clock: this.clock,
      store: this.#store,
      share: {
        node: name,
        origin: () => directory.nodes.life,
        termOf: (room) => this.owners.get(room)?.term,
        requireReachable: () => this.requireReachable(name),
        news: this.#news,
        state: directory.logState,
      },
    });
    return { name, bus, directory, roomLog, calls };
  }

  newLife = (name: string): Life => `${name}~${randomBytes(9).toString('base64url')}`;

  isReachable(name: string): boolean {
    const reach = this.#reach.get(name);
    return reach !== undefined && !reach.cut && !reach.dead;
  }

  /** It answers who asks it, that it reaches what is shared. */
  isAnswering(name: string): boolean {
    return this.#askEachOther && this.isReachable(name);
  }

  /** @throws {StoreError} away */
  requireReachable(name: string): void {
    if (!this.isReachable(name)) throw new StoreError('away', 'This node is cut off.');
  }

  /** Lost when the receiver is cut off then, or loses it. */
  send(from: string, to: string, arrival: () => void): void {
    const reach = this.#reach.get(to);
    if (reach === undefined) return;
    if (reach.losing > 0) {
      reach.losing -= 1;
      return;
    }
    const arrive = () => {
      if (this.isReachable(to)) arrival();
    };
    this.#deliver(arrive, { from, to });
  }

  /** Undefined: it is dead, or was never there. */
  callsOf(life: Life): MemoryNodeCalls | undefined {
    const { node = '' } = this.leases.get(life) ?? {};
    return this.#reach.get(node)?.dead === false ? this.#calls.get(node) : undefined;
  }

  /** It reaches nothing of what is shared; it lives on. */
  cut(name: string): void {
    this.#set(name, { cut: true });
    this.#buses.get(name)?.interrupt();
    this.#news.interrupt(name);
  }

  /** It beats at once, and what it had subscribed to holds again. */
  mend(name: string): void {
    this.#set(name, { cut: false });
    this.#directories.get(name)?.beatNow();
    this.#buses.get(name)?.restore();
    this.#news.interrupt(name);
  }

  /** It stops, without a word. */
  kill(name: string): void {
    this.#set(name, { dead: true });
    this.#directories.get(name)?.stop();
  }

  /** So many of the next frames and pushes to it are lost, without anybody knowing. */
  lose(name: string, frames: number): void {
    this.#set(name, { losing: frames });
  }

  /** The store loses everything. */
  empty(): void {
    this.#store.empty();
    this.owners.clear();
    this.leases.clear();
    this.users.clear();
    this.phones.clear();
    this.calls.clear();
    this.tallies.clear();
    this.dataSet += 1;
  }

  /** Its lease has run out: it is dead from now on. Answers whether it was this call that did it. */
  bury(life: Life): boolean {
    const lease = this.leases.get(life);
    if (lease === undefined || lease.untilMs >= this.clock.monotonicMs()) return false;
    this.forget(life);
    return true;
  }

  /** Whatever a life had is gone, and all are told that it died. */
  forget(life: Life): void {
    const lease = this.leases.get(life);
    if (!this.leases.delete(life) || lease === undefined) return;
    this.buried.add(life);
    for (const lives of [...this.users.values(), ...this.phones.values(), ...this.calls.values()]) lives.delete(life);
    for (const [name, directory] of this.#directories) {
      if (name !== lease.node) this.send(lease.node, name, () => directory.heardOfDeath(life));
    }
  }

  /** Tells those in the room who owns it now. */
  ownerChanged(by: string, room: string): void {
    for (const life of this.owners.get(room)?.nodes ?? []) {
      const { node } = this.leases.get(life) ?? {};
      const directory = node === undefined ? undefined : this.#directories.get(node);
      if (node === undefined || directory === undefined) continue;
      this.send(by, node, () => {
        const place = this.owners.get(room);
        if (place !== undefined) directory.heardOfOwner(room, place);
      });
    }
  }

  #set(name: string, change: Partial<Reach>): void {
    const reach = this.#reach.get(name);
    if (reach !== undefined) Object.assign(reach, change);
  }
}
