// The members of one room on all nodes: this node's own, told to the others, and those of the others, kept whole by asking
// for what was missed. It is told frames in the order of each sender; any of them may be lost.

import type { Life } from '../../cluster/directory.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type {
  BusFrame,
  Digest,
  Part,
  PartChange,
  PartPeer,
  TrackChange,
  TrackShape,
} from '../../proto/gen/node-types.ts';
import type { ProducerInfo } from '../../proto/gen/types.ts';
import type { Defer } from '../defer.ts';
import type { LeaveReason } from '../peer.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import { type MembersListener, MergedMembers, type Standing } from './merged-members.ts';
import { OtherPart } from './other-part.ts';
import { OwnPart, withoutTrack, withTrack } from './own-part.ts';

/** How long a peer that its node does not speak of any more is away, before it is said to have left. */
export const orphanMs = 10_000;
/** What is missing is asked for again; the wait doubles. */
const askAgainMs = { first: 1_000, most: 30_000 };

/** Without what is the same of all frames of a node. */
export type RoomFrame = Pick<BusFrame, 'part' | 'ask' | 'change' | 'digest'>;

export interface PartsListener extends MembersListener {
  /** Of a member that is told of: a track of its node was added, changed or closed. */
  track(of: Standing, track: TrackChange): void;
}

interface RoomPartsParts {
  readonly room: string;
  /** Of this node, now. */
  readonly life: () => Life;
  readonly firstVersion: number;
  /** How long peers of a node that died are waited for. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly publish: (frame: RoomFrame) => void;
  readonly listener: PartsListener;
  readonly counts?: ClusterCounts['partsAsked'];
}

export class RoomParts {
  readonly own: OwnPart;
  readonly members: MergedMembers;
  readonly #parts: RoomPartsParts;
  readonly #others = new Map<Life, OtherPart>();
  readonly #timers = new Set<Timer>();
  #asking: Timer | undefined;
  #answerDue = false;
  #onWhole: (() => void)[] = [];
  #closed = false;

  constructor(parts: RoomPartsParts) {
    this.#parts = parts;
    const { room, firstVersion, defer } = parts;
    this.members = new MergedMembers(parts.listener);
    const tell = (change: PartChange) => {
      if (this.hasOthers && !this.#closed) parts.publish({ change });
    };
    this.own = new OwnPart({ room, firstVersion, defer, tell });
  }

  /** Other nodes are in the room. */
  get hasOthers(): boolean {
    return this.#others.size > 0;
  }

  get lives(): Life[] {
    return [...this.#others.keys()];
  }

  /** These are in the room as well; whose part is not known is asked for it, and all are told this node's. */
  meet(lives: readonly Life[]): void {
    for (const life of lives) if (life !== this.#parts.life()) this.#ensure(life);
    this.#parts.publish({ ask: { room: this.#parts.room, lives: [] } });
    this.#tellWhole();
    for (const other of this.#others.values()) this.#asked(other);
    this.#askLater();
  }

  /** Resolves when all that are known of have said who their peers are. */
  whenWhole(): Promise<void> {
    if (this.#isWhole()) return Promise.resolve();
    return new Promise((resolve) => this.#onWhole.push(resolve));
  }

  joined(entry: PartPeer): void {
    this.own.joined(entry);
    this.#putOwn(entry.peer.peerId);
  }

  changed(peer: PartPeer['peer']): void {
    this.own.changed(peer);
    this.#putOwn(peer.peerId);
  }

  left(peerId: string, reason: LeaveReason, name: string): void {
    if (this.own.get(peerId) === undefined) return;
    this.own.left({ peerId, reason, name });
    this.members.leave(this.#parts.life(), peerId, reason);
  }

  trackChanged(peerId: string, producer: ProducerInfo, shape: TrackShape | undefined): void {
    this.own.trackChanged(peerId, producer, shape);
    this.#putOwn(peerId);
  }

  trackClosed(peerId: string, producerId: string): void {
    this.own.trackClosed(peerId, producerId);
    this.#putOwn(peerId);
  }

  /** Another node has it now. */
  letGo(peerId: string): void {
    this.own.moved(peerId);
    this.members.drop(this.#parts.life(), peerId, 'lost');
  }

  heard(from: Life, frame: RoomFrame): void {
    if (from === this.#parts.life() || this.#closed) return;
    const other = this.#ensure(from);
    if (frame.part?.gone) this.#gone(from, frame.part);
    else if (frame.part !== undefined) this.#takePart(from, other, frame.part);
    else if (frame.change !== undefined) this.#takeChange(from, other, frame.change);
    else if (frame.digest !== undefined) this.#compare(from, other, frame.digest);
    else if (frame.ask !== undefined) this.#answer(frame.ask.lives);
  }

  /**
   * By another channel than the room's: it may be behind what that brought since, and its sender may have gone. So it makes nobody
   * known who is not: one who is there answers.
   */
  heardDigest(from: Life, digest: Digest): void {
    if (from === this.#parts.life() || this.#closed) return;
    const other = this.#others.get(from);
    if (other !== undefined) this.#compare(from, other, digest);
    else this.#publishAsk(from, 'digest');
  }

  /** Its peers are away, until they are somewhere else or the grace is over. */
  died(life: Life): void {
    if (!this.#others.delete(life)) return;
    this.#wholeNow();
    this.#orphan(life, this.members.of(life), this.#parts.graceMs);
  }

  /** Frames may have been missed. */
  askAll(): void {
    for (const other of this.#others.values()) other.version = undefined;
    if (this.hasOthers) this.meet([]);
  }

  tellDigest(): void {
    const { digest } = this;
    if (digest !== undefined) this.#parts.publish({ digest });
  }

  /** What others are to compare; undefined: there are none. */
  get digest(): Digest | undefined {
    if (!this.hasOthers) return undefined;
    this.own.flush();
    return { room: this.#parts.room, version: this.own.version, peers: this.own.size };
  }

  /** The others are told that this node is in the room no more. */
  close(): void {
    if (this.#closed) return;
    this.own.flush();
    const { room, publish } = this.#parts;
    const { version } = this.own;
    if (this.hasOthers) publish({ part: { room, version, index: 0, last: true, peers: [], gone: true } });
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#asking?.cancel();
    for (const resolve of this.#onWhole.splice(0)) resolve();
  }

  /** This node goes on as another life: what it said as the one before is said anew. */
  reborn(before: Life): void {
    const entries = this.members.of(before);
    for (const { peer } of entries) if (this.own.get(peer.peerId) !== undefined) this.#putOwn(peer.peerId);
    for (const { peer } of entries) this.members.drop(before, peer.peerId, 'lost');
  }

  #putOwn(peerId: string): void {
    const entry = this.own.get(peerId);
    if (entry !== undefined) this.members.put(this.#parts.life(), entry);
  }

  #ensure(life: Life): OtherPart {
    const known = this.#others.get(life);
    if (known !== undefined) return known;
    const other = new OtherPart();
    this.#others.set(life, other);
    return other;
  }

  #gone(from: Life, { version }: Part): void {
    const other = this.#others.get(from);
    if (other?.version !== undefined && version < other.version) return;
    this.#others.delete(from);
    this.#wholeNow();
    this.#orphan(from, this.members.of(from), this.#parts.graceMs);
  }

  #takePart(from: Life, other: OtherPart, part: Part): void {
    const peers = other.take(part);
    if (peers === undefined) return;
    const there = new Set(peers.map(({ peer }) => peer.peerId));
    for (const entry of peers) this.#put(from, entry);
    // Why they are missing was not heard.
    const missing = this.members.of(from).filter(({ peer }) => !there.has(peer.peerId));
    this.#orphan(from, missing, orphanMs);
    this.#wholeNow();
  }

  #takeChange(from: Life, other: OtherPart, change: PartChange): void {
    const step = other.follow(change);
    if (step === 'missed') this.#ask(from, other, 'change');
    if (step !== 'next') return;
    for (const entry of change.joined) this.#put(from, entry);
    const entryOf = (peerId: string) => this.members.claimOf(from, peerId);
    for (const peer of change.changed) {
      const entry = entryOf(peer.peerId);
      if (entry) this.#put(from, { ...entry, peer: { ...peer, producers: entry.peer.producers } });
    }
    for (const { peerId, reason } of change.left) this.members.leave(from, peerId, reason);
    for (const { peerId, producer, shape, closedProducerId } of change.tracks) {
      const entry = entryOf(peerId);
      if (entry === undefined) continue;
      this.#put(from, producer ? withTrack(entry, producer, shape) : withoutTrack(entry, closedProducerId));
    }
    const moved = change.moved.flatMap((peerId) => entryOf(peerId) ?? []);
    this.#orphan(from, moved, this.#parts.graceMs);
  }

  #compare(from: Life, other: OtherPart, { version, peers }: Digest): void {
    const known = this.members.countOf(from);
    if (other.version === version && known === peers) return;
    other.version = undefined;
    this.#ask(from, other, 'digest');
  }

  /** Whoever asks is in the room, and may be unknown here: it says who its peers are in a moment, or is asked. */
  #answer(lives: readonly Life[]): void {
    this.#askLater();
    if (lives.length > 0 && !lives.includes(this.#parts.life())) return;
    if (this.#answerDue) return;
    this.#answerDue = true;
    this.#parts.defer(() => {
      this.#answerDue = false;
      if (!this.#closed) this.#tellWhole();
    });
  }

  #tellWhole(): void {
    for (const part of this.own.whole()) this.#parts.publish({ part });
  }

  #put(from: Life, entry: PartPeer): void {
    const { peerId } = entry.peer;
    const before = this.members.get(peerId);
    this.members.put(from, entry);
    const now = this.members.get(peerId);
    if (now?.life !== from || before?.life !== from || before.entry.generation !== now.entry.generation) return;
    for (const track of tracksBetween(before.entry, now.entry)) this.#parts.listener.track(now, track);
  }

  #orphan(life: Life, entries: readonly PartPeer[], forMs: number): void {
    if (entries.length === 0) return;
    for (const { peer } of entries) this.members.orphan(life, peer.peerId);
    const timer = this.#parts.clock.after(forMs, () => {
      this.#timers.delete(timer);
      for (const { peer } of entries) {
        if (this.members.isOrphan(life, peer.peerId)) this.members.drop(life, peer.peerId, 'lost');
      }
    });
    this.#timers.add(timer);
  }

  #ask(life: Life, other: OtherPart, why: keyof ClusterCounts['partsAsked']): void {
    if (other.askedAtMs !== undefined) return;
    this.#publishAsk(life, why);
    this.#asked(other);
    this.#askLater();
  }

  #publishAsk(life: Life, why: keyof ClusterCounts['partsAsked']): void {
    if (this.#parts.counts) this.#parts.counts[why] += 1;
    this.#parts.publish({ ask: { room: this.#parts.room, lives: [life] } });
  }

  #asked(other: OtherPart): void {
    if (other.version !== undefined) return;
    other.askedAtMs = this.#parts.clock.monotonicMs();
    other.asks += 1;
  }

  /** Questions and answers may be lost as well. */
  #askLater(): void {
    if (this.#asking !== undefined || this.#isWhole() || this.#closed) return;
    this.#asking = this.#parts.clock.after(askAgainMs.first, () => {
      this.#asking = undefined;
      const nowMs = this.#parts.clock.monotonicMs();
      for (const [life, other] of this.#others) {
        if (other.version !== undefined) continue;
        const waitMs = Math.min(askAgainMs.first * 2 ** Math.max(other.asks - 1, 0), askAgainMs.most);
        if (other.askedAtMs !== undefined && nowMs - other.askedAtMs < waitMs) continue;
        other.askedAtMs = undefined;
        this.#ask(life, other, 'silence');
      }
      this.#askLater();
    });
  }

  #isWhole(): boolean {
    for (const { version } of this.#others.values()) if (version === undefined) return false;
    return true;
  }

  #wholeNow(): void {
    if (this.#isWhole()) for (const resolve of this.#onWhole.splice(0)) resolve();
  }
}

/** What happened to the tracks of a peer, as far as both say. */
function tracksBetween({ peer: before }: PartPeer, { peer: { peerId, producers }, shapes }: PartPeer): TrackChange[] {
  const there = new Set(producers.map(({ producerId }) => producerId));
  const closed = before.producers.filter(({ producerId }) => !there.has(producerId));
  const changed = producers.filter((one) => {
    const was = before.producers.find(({ producerId }) => producerId === one.producerId);
    return was === undefined || JSON.stringify(was) !== JSON.stringify(one);
  });
  return [
    ...closed.map(({ producerId }) => ({ peerId, closedProducerId: producerId })),
    ...changed.map((producer) => {
      const shape = shapes.find(({ producerId }) => producerId === producer.producerId);
      return { peerId, producer, ...(shape && { shape }), closedProducerId: '' };
    }),
  ];
}
