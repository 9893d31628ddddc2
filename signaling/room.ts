// Membership of one room, and the order in which its peers are told what happens. It knows nothing of what its log says,
// and of media only whom to tell that a peer has left.

import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { EventMessage } from '../core/event-message.ts';
import type { RoomId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { RoomMedia } from '../media/media.ts';
import type { EventName, Events, MediaMode, RecordingInfo, RtpCapabilities } from '../proto/gen/types.ts';
import type { Defer } from './defer.ts';
import { FanOut } from './log/fan-out.ts';
import type { Timeline } from './log/timeline.ts';
import type { Member } from './member.ts';
import { type LeaveReason, Peer, type PeerCandidate } from './peer.ts';
import { Roster } from './roster.ts';
import { maxRosterBytes } from './roster-budget.ts';
import { netChanges, type RosterChange } from './roster-changes.ts';

/** The peers in one roster event are at most as many as the changes that are collected for it. */
export const maxCollectedChanges = 100;

const throughServer: MediaMode = { mode: 'sfu', generation: 0, peerId: '', initiator: false, reason: '' };

interface RoomParts {
  readonly name: RoomId;
  readonly maxPeers: number;
  readonly maxPeersPerIdentity: number;
  /** How long the room stays open with nobody in it. */
  readonly idleTimeoutMs: number;
  /** Whether two people who are alone may send to each other without the server. */
  readonly direct: 'never' | 'auto';
  /** Tracks are end-to-end encrypted: no others are taken, and nothing reads them. */
  readonly e2ee: boolean;
  readonly media: RoomMedia;
  readonly rtpCapabilities: RtpCapabilities;
  readonly timeline: Timeline;
  /** How long new records of the log wait at most to be told together. */
  readonly coalesceMs: number;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
  readonly onLeft: (peer: Peer, reason: LeaveReason) => void;
  /** The last peer of this node has left. */
  readonly onEmptied: () => void;
}

export class Room {
  readonly name: RoomId;
  readonly maxPeers: number;
  readonly idleTimeoutMs: number;
  readonly direct: 'never' | 'auto';
  readonly e2ee: boolean;
  readonly media: RoomMedia;
  readonly rtpCapabilities: RtpCapabilities;
  readonly timeline: Timeline;
  readonly clock: Clock;
  /** Everybody, those on other nodes too. */
  readonly roster = new Roster<Member>();
  /** Those who are connected to this node: to be told, and to be taken out. */
  readonly locals = new Roster<Peer>();
  /** Whose voice is the loudest. */
  activeSpeaker: Member | undefined;
  /** The one that runs. */
  recording: RecordingInfo | undefined;
  closed = false;
  /** Told as the room closes. Set by whoever records it. */
  onClosed: () => void = () => {};
  /** How a peer is to send. Set by whoever decides that. */
  mediaModeOf: (peer: Peer) => MediaMode = () => throughServer;
  readonly #parts: RoomParts;
  readonly #fanOut: FanOut;
  #changes: RosterChange<Member, LeaveReason>[] = [];
  #collectedBytes = 0;
  #flushDue = false;
  #lastJoinIndex = 0;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.maxPeers = parts.maxPeers;
    this.idleTimeoutMs = parts.idleTimeoutMs;
    this.direct = parts.direct;
    this.e2ee = parts.e2ee;
    this.media = parts.media;
    this.rtpCapabilities = parts.rtpCapabilities;
    this.timeline = parts.timeline;
    this.clock = parts.clock;
    this.#fanOut = new FanOut({
      room: parts.name,
      clock: parts.clock,
      coalesceMs: parts.coalesceMs,
      members: this.locals.members,
      beforeTelling: () => this.flushRoster(),
    });
    this.timeline.onRecords = (records, epoch) => this.#fanOut.add(records, epoch);
    this.timeline.onAnotherEpoch = () => {
      this.#fanOut.drop();
      for (const peer of this.locals.members) peer.follower.tellGap('epoch');
    };
  }

  /**
   * Lets somebody in. A snapshot taken in the same turn and the events after it are the whole truth.
   * @throws {AppError} ROOM_FULL, TOO_MANY_PEERS_OF_IDENTITY
   */
  admit(candidate: PeerCandidate): Peer {
    this.#makeSpaceFor(candidate.identity);
    this.#lastJoinIndex += 1;
    const peer = new Peer(this, candidate, { index: this.#lastJoinIndex, atMs: this.#parts.clock.nowMs() });
    // Before it is among those who are told: they are in its snapshot.
    if (this.#collectedBytes + peer.rosterBytes > maxRosterBytes) this.flushRoster();
    this.roster.add(peer);
    this.locals.add(peer);
    this.#collectedBytes += peer.rosterBytes;
    this.#changes.push({ member: peer, leftFor: undefined });
    peer.changesSeen = this.#changes.length;
    this.#rosterChanged();
    this.#parts.log.info({ peerId: peer.id, identity: peer.identity, kind: peer.kind }, 'peer joined');
    return peer;
  }

  /** Takes a peer out. Its owner is told; the peer itself only when it did not want that (`removed`, `closed`). */
  leave(peer: Peer, reason: LeaveReason, explanation = ''): void {
    if (peer.left) return;
    peer.left = true;
    this.roster.remove(peer);
    this.locals.remove(peer);
    this.#changes.push({ member: peer, leftFor: reason });
    this.#rosterChanged();
    if (this.activeSpeaker === peer) this.activeSpeaker = undefined;
    if (reason === 'removed' || reason === 'closed') {
      this.send(peer, 'roomLeft', { room: this.name, reason, explanation });
    }
    peer.link = undefined;
    peer.follower.stop();
    this.media.removePeer(peer.id);
    for (const companion of peer.companions) companion.left();
    this.#parts.log.info({ peerId: peer.id, identity: peer.identity, reason }, 'peer left');
    peer.owner.peerLeft(peer, reason);
    this.#parts.onLeft(peer, reason);
    if (this.locals.size === 0) this.#parts.onEmptied();
  }

  send<Name extends EventName>(peer: Peer, name: Name, payload: Events[Name]): void {
    peer.link?.send(new EventMessage(name, payload));
  }

  /** Tells everyone, or everyone but one. What happened to the roster before is told before. */
  broadcast<Name extends EventName>(name: Name, payload: Events[Name], except?: Peer): void {
    this.flushRoster();
    const message = new EventMessage(name, payload);
    const peers = this.locals.members;
    for (let index = 0; index < peers.length; index++) {
      const peer = peers[index];
      if (peer !== except) peer?.link?.send(message);
    }
  }

  /** Tells the others what a peer is called now, and whether it is away. */
  announceChange(peer: Peer): void {
    this.broadcast('peerChanged', { room: this.name, peer: peer.toInfo([]) }, peer);
  }

  /** Tells of joins and leaves at once instead of at the end of the turn. */
  flushRoster(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#collectedBytes = 0;
    const all = this.#toMessages(changes, 0);
    for (const peer of this.locals.members) {
      const messages = peer.changesSeen === 0 ? all : this.#toMessages(changes, peer.changesSeen);
      peer.changesSeen = 0;
      for (const message of messages) peer.link?.send(message);
    }
  }

  /** Takes everyone of this node out and closes the media. */
  close(): void {
    this.closed = true;
    this.onClosed();
    this.#fanOut.flush();
    for (const peer of [...this.locals.members]) this.leave(peer, 'closed');
    this.flushRoster();
    this.#fanOut.drop();
    this.timeline.onRecords = () => {};
    this.timeline.onAnotherEpoch = () => {};
    this.media.close();
    this.#parts.log.info({}, 'room closed');
  }

  /**
   * At either limit, whoever has a peer that is away gets its place: most likely it is what is left of the same client. The
   * places of others are theirs until their time is over.
   */
  #makeSpaceFor(identity: string): void {
    const { name: room, maxPeers } = this;
    const { maxPeersPerIdentity } = this.#parts;
    const isFull = this.roster.size >= maxPeers;
    const hasTooMany = this.roster.ofIdentity(identity).length >= maxPeersPerIdentity;
    if (!isFull && !hasTooMany) return;
    const longestAway = findLongestAway(this.locals.ofIdentity(identity));
    if (longestAway !== undefined) this.leave(longestAway, 'lost');
    else if (hasTooMany) throw new AppError('TOO_MANY_PEERS_OF_IDENTITY', { room, limit: maxPeersPerIdentity });
    else throw new AppError('ROOM_FULL', { room, limit: maxPeers });
  }

  #rosterChanged(): void {
    if (this.#changes.length >= maxCollectedChanges) {
      this.flushRoster();
    } else if (!this.#flushDue) {
      this.#flushDue = true;
      this.#parts.defer(() => {
        this.#flushDue = false;
        this.flushRoster();
      });
    }
  }

  #toMessages(changes: readonly RosterChange<Member, LeaveReason>[], seen: number): EventMessage[] {
    const { joined, left } = netChanges(changes, seen);
    const about = { room: this.name, peerCount: this.roster.size };
    const messages: EventMessage[] = [];
    if (joined.length > 0) {
      // Without producers: each is told of by an event of its own, which comes after this one.
      messages.push(new EventMessage('peersJoined', { ...about, peers: joined.map((peer) => peer.toInfo([])) }));
    }
    if (left.length > 0) {
      const peers = left.map(({ member, reason }) => ({ peerId: member.id, reason, name: member.name }));
      messages.push(new EventMessage('peersLeft', { ...about, peers }));
    }
    return messages;
  }
}

function findLongestAway(peers: readonly Peer[]): Peer | undefined {
  const away = peers.filter((peer) => peer.away);
  return away.sort((one, other) => (one.awaySinceMs ?? 0) - (other.awaySinceMs ?? 0))[0];
}
