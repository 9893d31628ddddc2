import type { Clock } from '../core/clock.ts';
import { createPeerId, type PeerId } from '../core/ids.ts';
import type { PeerWish } from '../proto/gen/node-types.ts';
import type { CallLeg, LegQuality, PeerInfo, PeerLeft, PhoneInfo, ProducerInfo, Unread } from '../proto/gen/types.ts';
import type { ClientLink } from './client-link.ts';
import type { Grants } from './grants.ts';
import { type Followed, Follower } from './log/follower.ts';
import type { Timeline } from './log/timeline.ts';
import { nothingUnread } from './log/unread.ts';
import type { Member } from './member.ts';
import type { Room } from './room.ts';
import { rosterBytesOf } from './roster-budget.ts';

export type LeaveReason = PeerLeft['reason'];

/** Whoever brought a peer into a room: a session, or a plain chat connection. */
export interface PeerOwner {
  /** Told once, as the last thing, when the peer has left its room, whoever wanted that. */
  peerLeft(peer: Peer, reason: LeaveReason): void;
  /** Instead, for a peer that goes on at another node: its client is there now. */
  peerMoved?(peer: Peer): void;
  /** It is in this room alone, and its client can be asked to go on at another node. */
  readonly canMove?: boolean;
  /** Shown by whoever goes on with the peer at another node; empty: nobody can. */
  readonly sessionHash?: string;
  /** Of a phone: how well it was heard so far, and why it is gone where it is. */
  readonly phoneEnd?: { readonly quality: LegQuality | undefined; readonly endReason: CallLeg['endReason'] };
  /** Of a phone: what a moderator wants of it. */
  wished?(wish: Wish): void;
}

/** What a moderator wants of a peer. */
export type Wish = Omit<PeerWish, 'peerId'>;

/** What hangs on a peer and ends with it. */
export interface PeerCompanion {
  /** Its grants may be others now. */
  reviewed(): void;
  /** Its media is gone already. */
  left(): void;
}

/** Somebody who wants to be a peer. */
export interface PeerCandidate {
  readonly owner: PeerOwner;
  readonly kind: PeerInfo['kind'];
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  readonly grants: Grants;
  readonly link: ClientLink | undefined;
  /** Its client can send and receive without the server. */
  readonly directCapable?: boolean | undefined;
  /** Of a guest, whom no token names: the address that it comes from, as limits count addresses. */
  readonly guestFrom?: string | undefined;
  /** Of a phone, as it is now. */
  readonly phone?: PhoneInfo | undefined;
  /** Of a peer that goes on here: what it was on another node, with the generation that it has from now on. */
  readonly goesOn?: Pick<Member, 'id' | 'generation' | 'joinedAtMs'> | undefined;
}

/** One participant of one room, on this node. What it sends and receives is known to the room's media, by its id. */
export class Peer implements Followed, Member {
  readonly id: PeerId;
  readonly node = undefined;
  readonly generation: number;
  readonly room: Room;
  readonly owner: PeerOwner;
  readonly kind: PeerInfo['kind'];
  readonly identity: string;
  readonly guestFrom: string | undefined;
  readonly directCapable: boolean;
  readonly joinIndex: number;
  readonly joinedAtMs: number;
  /** How it is told of the room's log. */
  readonly follower: Follower;
  /** As it was counted last; what came later is not in it. */
  unread: Unread = nothingUnread;
  grants: Grants;
  /** Where its events go; undefined while its connection is lost. */
  link: ClientLink | undefined;
  /** On the monotonic clock; undefined while there is a connection. */
  awaySinceMs: number | undefined;
  left = false;
  handRaised = false;
  /** Of a phone. */
  phone: PhoneInfo | undefined;
  /** How many of the room's changes that are not told yet were in its snapshot. */
  changesSeen = 0;
  /** Those that media made for it, if any; media bounds how many. */
  #consumers: Set<string> | undefined;
  /** Most have none. */
  #companions: PeerCompanion[] | undefined;
  #name = '';
  #metadata = '';
  #rosterBytes = 0;

  constructor(room: Room, candidate: PeerCandidate, joined: { index: number; atMs: number }) {
    const { goesOn } = candidate;
    this.id = goesOn?.id ?? createPeerId();
    this.generation = goesOn?.generation ?? 1;
    this.room = room;
    this.owner = candidate.owner;
    this.kind = candidate.kind;
    this.identity = candidate.identity;
    this.guestFrom = candidate.guestFrom;
    this.directCapable = candidate.directCapable ?? false;
    this.phone = candidate.phone;
    this.describe(candidate);
    this.grants = candidate.grants;
    this.link = candidate.link;
    this.joinIndex = joined.index;
    this.joinedAtMs = goesOn?.joinedAtMs ?? joined.atMs;
    this.follower = new Follower(this);
  }

  get timeline(): Timeline {
    return this.room.timeline;
  }

  get clock(): Clock {
    return this.room.clock;
  }

  get away(): boolean {
    return this.awaySinceMs !== undefined;
  }

  get name(): string {
    return this.#name;
  }

  get metadata(): string {
    return this.#metadata;
  }

  /** The most that it takes in an answer or event, in bytes. */
  get rosterBytes(): number {
    return this.#rosterBytes;
  }

  describe({ name, metadata }: { name: string; metadata: string }): void {
    this.#name = name;
    this.#metadata = metadata;
    this.#rosterBytes = rosterBytesOf(this);
  }

  get hasConsumers(): boolean {
    return (this.#consumers?.size ?? 0) > 0;
  }

  addConsumer(consumerId: string): void {
    this.#consumers ??= new Set();
    this.#consumers.add(consumerId);
  }

  removeConsumer(consumerId: string): void {
    this.#consumers?.delete(consumerId);
  }

  /** Removes all, and answers which they were. */
  removeConsumers(): readonly string[] {
    const consumers = [...(this.#consumers ?? [])];
    this.#consumers = undefined;
    return consumers;
  }

  accompany(companion: PeerCompanion): void {
    this.#companions ??= [];
    this.#companions.push(companion);
  }

  get companions(): readonly PeerCompanion[] {
    return this.#companions ?? [];
  }

  toInfo(producers: readonly ProducerInfo[]): PeerInfo {
    return {
      peerId: this.id,
      identity: this.identity,
      name: this.name,
      metadata: this.metadata,
      kind: this.kind,
      joinedAtMs: this.joinedAtMs,
      away: this.away,
      producers: [...producers],
      ...(this.handRaised && { handRaised: true }),
      ...(this.phone && { phone: this.phone }),
    };
  }
}
