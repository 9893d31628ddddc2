// Every room of this node: opened by the first who joins, closed when nobody was in it for a while.

import type { Clock, Timer } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { RoomId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { Media } from '../media/media.ts';
import type { Unread, RoomOptions as WishedOptions } from '../proto/gen/types.ts';
import { glowMs } from './cluster/afterglow.ts';
import type { ClusterLink, EnteredRoom } from './cluster/cluster-link.ts';
import { maxHops } from './cluster/placement.ts';
import type { Defer } from './defer.ts';
import type { DirectCalls } from './direct/direct-calls.ts';
import { type Grants, requireGrant } from './grants.ts';
import { toStoreProblem } from './log/store-problem.ts';
import type { Timeline } from './log/timeline.ts';
import type { Timelines } from './log/timelines.ts';
import type { Member } from './member.ts';
import type { LeaveReason, Peer, PeerCandidate } from './peer.ts';
import { forwardQuality } from './quality-events.ts';
import { Room } from './room.ts';
import { forwardMediaEvents } from './room-media-events.ts';
import { toRoomOptions } from './room-options.ts';
import type { RoomRules } from './room-rules.ts';
import type { SignalingOptions } from './signaling-options.ts';

interface RoomsParts {
  readonly media: Pick<Media, 'openRoom' | 'rtpCapabilities'>;
  readonly timelines: Timelines;
  readonly rules: RoomRules;
  readonly direct: DirectCalls;
  readonly cluster: ClusterLink;
  readonly options: SignalingOptions['rooms'];
  readonly coalesceMs: number;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
  /** Told of each peer after it has left its room. */
  readonly onPeerLeft?: ((peer: Peer, reason: LeaveReason) => void) | undefined;
  /** Told of whoever comes into a room that is open here, and goes from it, on any node; not of who goes on at another one. */
  readonly onMember?: MemberListener | undefined;
}

export interface MemberListener {
  joined(room: Room, member: Member): void;
  left(room: Room, member: Member, reason: LeaveReason): void;
}

/** What has to be fetched before somebody can be let into a room. */
export interface LoadedRoom {
  readonly timeline: Timeline;
  readonly unread: Unread;
  readonly entered: EnteredRoom;
}

/** How somebody who joins wants the room to be, if it is not open. */
interface Wish {
  readonly options?: WishedOptions | undefined;
  readonly grants: Grants;
  /** It cannot be at another node: also while this one sends everybody there. */
  readonly evenDraining?: boolean;
  /** How often its client was sent on for this join; undefined: it stays, wherever the room had better be. */
  readonly hops?: number | undefined;
}

export class Rooms {
  readonly #parts: RoomsParts;
  readonly #byName = new Map<RoomId, Room>();
  /** Rooms with nobody in them, the one that has been empty longest first. */
  readonly #idle = new Map<Room, Timer>();

  constructor(parts: RoomsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Peers of this node in all rooms. */
  countPeers(): number {
    let peers = 0;
    for (const room of this.#byName.values()) peers += room.locals.size;
    return peers;
  }

  /** Media of somebody who is at another node by now is kept here. */
  get hasAfterglow(): boolean {
    for (const room of this.#byName.values()) if (room.afterglow.size > 0) return true;
    return false;
  }

  get(name: string): Room | undefined {
    return this.#byName.get(name as RoomId);
  }

  /**
   * Fetches what {@link join} needs, which is then to follow without waiting for anything else.
   * @throws {AppError} STORE_UNAVAILABLE and its like, SERVER_DRAINING, ROOM_ELSEWHERE, and what is wrong with the wish, by rejection.
   */
  async load(name: RoomId, identity: string, wish?: Wish): Promise<LoadedRoom> {
    const { timelines, rules, cluster, options } = this.#parts;
    rules.beforeLoad(name);
    // Other nodes are told of it when it is the first.
    if (wish?.options !== undefined) this.#checkOptions(name, wish.grants, wish.options);
    if (wish?.hops !== undefined) requireHere(name, await cluster.elsewhere(name, wish.hops));
    const unread = await timelines.unread.load({ room: name, identity });
    const timeline = await timelines.open(name);
    const { evenDraining = false } = wish ?? {};
    const opened = cluster.enter(name, toRoomOptions(options, wish?.options), { evenDraining });
    const entered = await opened.catch((thrown: unknown) => {
      throw toStoreProblem(thrown);
    });
    // Somebody was faster elsewhere.
    if (wish?.hops !== undefined && wish.hops < maxHops) requireHere(name, entered.elsewhere());
    return { timeline, unread, entered };
  }

  /**
   * Brings somebody into a room, which is opened when it does not exist; `wished` is then how. Nothing has happened when
   * this throws. Of those options `e2ee` alone is a demand that whoever joins may make.
   * @throws {AppError} GRANT_MISSING, BAD_REQUEST, IDENTITY_REMOVED, ROOM_NOT_FOUND, NOT_A_PARTICIPANT, TOO_MANY_ROOMS,
   * ROOM_FULL, TOO_MANY_PEERS_OF_IDENTITY
   */
  join(name: RoomId, candidate: PeerCandidate, loaded: LoadedRoom, wished?: WishedOptions): Peer {
    requireGrant(candidate.grants, 'join');
    if (wished !== undefined) this.#checkOptions(name, candidate.grants, wished);
    this.#parts.rules.beforeJoin(loaded.timeline, candidate.identity);
    const room = this.#byName.get(name) ?? this.#open(name, loaded, wished);
    const elsewhere = candidate.goesOn && room.roster.get(candidate.goesOn.id);
    const peer = room.admit(candidate);
    peer.unread = loaded.unread;
    this.#idle.get(room)?.cancel();
    this.#idle.delete(room);
    this.#parts.rules.joined(peer);
    if (elsewhere !== undefined) this.#parts.rules.memberLeft(room, elsewhere, 'lost');
    this.#parts.direct.joined(peer);
    this.#parts.onMember?.joined(room, peer);
    return peer;
  }

  close(): void {
    for (const room of [...this.#byName.values()]) this.#close(room);
  }

  /** Whether tracks of the room are end-to-end encrypted, or would be if it were opened now without a wish. */
  isEncrypted(name: RoomId): boolean {
    return this.#byName.get(name)?.e2ee ?? this.#parts.options.e2ee === 'always';
  }

  /** Also of a room that exists, where they are ignored: whether they are allowed does not depend on who came first. */
  #checkOptions(name: RoomId, grants: Grants, wished: WishedOptions): void {
    if (!this.#asksForPrivacyOnly(name, wished)) requireGrant(grants, 'moderate');
    const { maxPeers } = wished;
    const limit = this.#parts.options.maxPeers;
    if (maxPeers !== undefined && maxPeers > limit) {
      throw new AppError('BAD_REQUEST', { field: 'options.maxPeers', problem: `must be at most ${limit}` });
    }
  }

  /** A demand changes nothing for others in a room that exists; who opens one with it needs what is configured. */
  #asksForPrivacyOnly(name: RoomId, { maxPeers, idleTimeoutMs, direct, e2ee }: WishedOptions): boolean {
    const others = maxPeers !== undefined || idleTimeoutMs !== undefined || direct !== '';
    return e2ee && !others && (this.#byName.has(name) || this.#parts.options.e2ee !== 'moderators');
  }

  #open(name: RoomId, { timeline, entered }: LoadedRoom, wished: WishedOptions | undefined): Room {
    // It was put aside for others while somebody was about to come in.
    if (timeline.retired || entered.over) throw new AppError('STORE_UNAVAILABLE', {}, { retryAfterMs: 0 });
    this.#makeSpace();
    const { media, options, coalesceMs, timelines, clock, defer, log } = this.#parts;
    timelines.hold(timeline);
    const room = new Room({
      name,
      options: entered.options ?? toRoomOptions(options, wished),
      maxPeersPerIdentity: options.maxPeersPerIdentity,
      media: media.openRoom(name),
      rtpCapabilities: media.rtpCapabilities,
      timeline,
      coalesceMs,
      clock,
      defer,
      log: log.child({ room: name }),
      onMemberJoined: (member) => {
        this.#parts.rules.memberJoined(room, member);
        this.#parts.onMember?.joined(room, member);
        this.#parts.direct.membersChanged(room);
      },
      onMemberLeft: (member, reason) => {
        this.#parts.rules.memberLeft(room, member, reason);
        if (room.roster.get(member.id) === undefined) this.#parts.onMember?.left(room, member, reason);
        this.#parts.direct.membersChanged(room);
      },
      onLeft: (peer, reason) => {
        this.#parts.rules.left(peer, reason);
        this.#parts.direct.left(peer);
        this.#parts.onPeerLeft?.(peer, reason);
        if (room.roster.get(peer.id) === undefined) this.#parts.onMember?.left(room, peer, reason);
      },
      onEmptied: () =>
        this.#idle.set(
          room,
          // Somebody who went on elsewhere may be received by way of it for a moment.
          clock.after(Math.max(room.idleTimeoutMs, room.afterglow.size > 0 ? glowMs : 0), () => this.#close(room)),
        ),
    });
    forwardMediaEvents(room);
    forwardQuality(room);
    this.#parts.direct.opened(room);
    this.#byName.set(name, room);
    room.tie(entered.ties);
    this.#parts.rules.opened(room);
    entered.opened(room, () => this.#parts.rules.ownerChanged(room));
    log.info({ room: name }, 'room opened');
    return room;
  }

  /** At the limit an empty room goes before its time. @throws {AppError} TOO_MANY_ROOMS when all are in use. */
  #makeSpace(): void {
    const { maxRooms } = this.#parts.options;
    if (this.#byName.size < maxRooms) return;
    const [longestIdle] = this.#idle.keys();
    if (longestIdle === undefined) throw new AppError('TOO_MANY_ROOMS', { limit: maxRooms });
    this.#close(longestIdle);
  }

  #close(room: Room): void {
    this.#byName.delete(room.name);
    room.close();
    this.#parts.rules.closed(room);
    this.#parts.direct.closed(room);
    this.#parts.timelines.release(room.timeline);
    this.#idle.get(room)?.cancel();
    this.#idle.delete(room);
  }
}

/** @throws {AppError} ROOM_ELSEWHERE */
function requireHere(room: RoomId, url: string | undefined): void {
  if (url !== undefined) throw new AppError('ROOM_ELSEWHERE', { room, url });
}
