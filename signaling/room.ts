// Membership of one room, and the order in which its peers are told what happens. It knows nothing of what its log says,
// and of media only whom to tell that a peer has left.

import type { Life } from '../cluster/directory.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { EventMessage } from '../core/event-message.ts';
import type { PeerId, RoomId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { RoomMedia } from '../media/media.ts';
import type { EventName, Events, MediaMode, ProducerInfo, RecordingInfo, RtpCapabilities } from '../proto/gen/types.ts';
import { Afterglow } from './cluster/afterglow.ts';
import { type Author, type EphemeralContent, noTies, type RoomTies } from './cluster/room-ties.ts';
import type { Defer } from './defer.ts';
import { FanOut } from './log/fan-out.ts';
import type { Timeline } from './log/timeline.ts';
import type { Member } from './member.ts';
import { type LeaveReason, Peer, type PeerCandidate } from './peer.ts';
import { tellHand } from './raised-hands.ts';
import { type RemoteDescription, RemotePeer, type RemotePlace } from './remote-peer.ts';
import type { RoomOptions } from './room-options.ts';
import { Roster } from './roster.ts';
import { RosterNews } from './roster-news.ts';

const throughServer: MediaMode = { mode: 'sfu', generation: 0, peerId: '', initiator: false, reason: '' };

interface RoomParts {
  readonly name: RoomId;
  readonly options: RoomOptions;
  readonly maxPeersPerIdentity: number;
  readonly media: RoomMedia;
  readonly rtpCapabilities: RtpCapabilities;
  readonly timeline: Timeline;
  /** How long new records of the log wait at most to be told together. */
  readonly coalesceMs: number;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
  readonly onLeft: (peer: Peer, reason: LeaveReason) => void;
  /** Of members on other nodes. */
  readonly onMemberJoined: (member: Member) => void;
  readonly onMemberLeft: (member: Member, reason: LeaveReason) => void;
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
  /** Of peers that are at another node than they were a moment ago. */
  readonly afterglow: Afterglow;
  /** Whose voice is the loudest. */
  activeSpeaker: Member | undefined;
  /** The one that runs. */
  recording: RecordingInfo | undefined;
  closed = false;
  /** To the other nodes that have it open. */
  #ties: RoomTies = noTies;
  /** Has what this node records end, and answers how it stands. Set by whoever records it. */
  stopRecording: ((recordingId: string, by: Author) => RecordingInfo | undefined) | undefined;
  /** Told as the room closes. Set by whoever records it. */
  onClosed: () => void = () => {};
  /** What another node tells once. Set by whoever has to do with people. */
  onEphemeral: (content: EphemeralContent) => void = () => {};
  /** How a peer is to send. Set by whoever decides that. */
  mediaModeOf: (peer: Peer) => MediaMode = () => throughServer;
  readonly #parts: RoomParts;
  readonly #fanOut: FanOut;
  readonly #news: RosterNews;
  #lastJoinIndex = 0;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.maxPeers = parts.options.maxPeers;
    this.idleTimeoutMs = parts.options.idleTimeoutMs;
    this.direct = parts.options.direct;
    this.e2ee = parts.options.e2ee;
    this.media = parts.media;
    this.rtpCapabilities = parts.rtpCapabilities;
    this.timeline = parts.timeline;
    this.clock = parts.clock;
    this.afterglow = new Afterglow(parts.clock);
    const { roster, locals } = this;
    this.#news = new RosterNews({ room: parts.name, roster, locals, defer: parts.defer });
    this.#fanOut = new FanOut({
      room: parts.name,
      clock: parts.clock,
      coalesceMs: parts.coalesceMs,
      members: locals.members,
      beforeTelling: () => this.flushRoster(),
    });
    this.timeline.onRecords = (records, epoch) => this.#fanOut.add(records, epoch);
    this.timeline.onAnotherEpoch = () => {
      this.#fanOut.drop();
      for (const peer of this.locals.members) peer.follower.tellGap('epoch');
    };
  }

  /** From now on the other nodes that have the room open are told of what happens here. */
  tie(ties: RoomTies): void {
    this.#ties = ties;
  }

  get ties(): RoomTies {
    return this.#ties;
  }

  /**
   * Lets somebody in, or goes on with somebody who was on another node: that is no join. A snapshot taken in the same turn and
   * the events after it are the whole truth.
   * @throws {AppError} ROOM_FULL, TOO_MANY_PEERS_OF_IDENTITY
   */
  admit(candidate: PeerCandidate): Peer {
    const elsewhere = candidate.goesOn && this.roster.get(candidate.goesOn.id);
    if (elsewhere === undefined) this.#makeSpaceFor(candidate.identity);
    this.#lastJoinIndex += 1;
    const peer = new Peer(this, candidate, { index: this.#lastJoinIndex, atMs: this.#parts.clock.nowMs() });
    // Before it is among those who are told: they are in its snapshot.
    this.#news.makeSpaceFor(peer);
    if (elsewhere !== undefined) {
      this.#news.flush();
      this.#keepRemote(elsewhere.id, elsewhere.node);
      this.#tellChanged(elsewhere, peer);
      this.roster.remove(elsewhere);
    }
    this.roster.add(peer);
    this.locals.add(peer);
    this.media.remoteTracks?.peerAt(peer.id, undefined);
    if (elsewhere === undefined) this.#news.joined(peer);
    peer.changesSeen = this.#news.count;
    this.#news.tellSoon();
    this.#ties.peerJoined(peer);
    const how = elsewhere === undefined ? 'peer joined' : 'peer goes on here';
    this.#parts.log.info({ peerId: peer.id, identity: peer.identity, kind: peer.kind }, how);
    return peer;
  }

  /** Takes a peer out. Its owner is told; the peer itself only when it did not want that (`removed`, `closed`). */
  leave(peer: Peer, reason: LeaveReason, explanation = ''): void {
    if (peer.left) return;
    peer.left = true;
    this.roster.remove(peer);
    this.locals.remove(peer);
    this.#news.left(peer, reason);
    this.#news.tellSoon();
    this.#ties.peerLeft(peer, reason);
    if (this.activeSpeaker === peer) this.activeSpeaker = undefined;
    this.afterglow.end(peer.id);
    if (reason === 'removed' || reason === 'closed') {
      this.send(peer, 'roomLeft', { room: this.name, reason, explanation });
    }
    this.#end(peer);
    this.#parts.log.info({ peerId: peer.id, identity: peer.identity, reason }, 'peer left');
    peer.owner.peerLeft(peer, reason);
    this.#parts.onLeft(peer, reason);
    if (this.locals.size === 0) this.#parts.onEmptied();
  }

  /** Somebody is in the room on another node. */
  admitRemote(id: PeerId, description: RemoteDescription, at: RemotePlace): RemotePeer {
    const member = this.#createRemote(id, description, at);
    this.#news.makeSpaceFor(member);
    this.roster.add(member);
    this.#news.joined(member);
    this.#news.tellSoon();
    this.#parts.onMemberJoined(member);
    return member;
  }

  changeRemote(member: RemotePeer, description: RemoteDescription): void {
    const wasRaised = member.handRaised;
    member.describe(description);
    this.broadcast('peerChanged', { room: this.name, peer: member.toInfo([]) });
    if (member.handRaised !== wasRaised) tellHand(this, member);
  }

  leaveRemote(member: RemotePeer, reason: LeaveReason): void {
    this.roster.remove(member);
    this.media.remoteTracks?.peerAt(member.id, undefined);
    this.#news.left(member, reason);
    this.#news.tellSoon();
    this.#remoteGone(member);
    this.#parts.onMemberLeft(member, reason);
  }

  /** It goes on, on another node than before: that is no leave. */
  moveRemote(member: RemotePeer, description: RemoteDescription, at: RemotePlace): void {
    const changed = { ...member.toInfo([]) };
    this.#keepRemote(member.id, member.node);
    member.moveTo(at);
    this.media.remoteTracks?.peerAt(member.id, at.node);
    member.describe(description);
    this.#tellChanged(changed, member);
  }

  /** A peer of this node went on elsewhere. Nobody is told that it left; its owner is told that this is not its peer any more. */
  letGo(peer: Peer, description: RemoteDescription, at: RemotePlace): RemotePeer {
    const member = this.#createRemote(peer.id, description, at);
    this.flushRoster();
    peer.left = true;
    this.roster.remove(peer);
    this.locals.remove(peer);
    this.roster.add(member);
    if (this.activeSpeaker === peer) this.activeSpeaker = member;
    this.#keepOwn(peer);
    this.#tellChanged(peer, member);
    this.#parts.log.info({ peerId: peer.id, identity: peer.identity, to: at.node }, 'peer goes on at another node');
    // Counted as one of the others before it is none of ours: in between, its person would be gone.
    this.#parts.onMemberJoined(member);
    if (peer.owner.peerMoved) peer.owner.peerMoved(peer);
    else peer.owner.peerLeft(peer, 'lost');
    this.#parts.onLeft(peer, 'lost');
    if (this.locals.size === 0) this.#parts.onEmptied();
    return member;
  }

  /** What others can receive of a peer: while it comes by two nodes, each source once. */
  producersOf(peerId: PeerId): readonly ProducerInfo[] {
    const all = this.media.producersOf(peerId);
    return this.afterglow.size === 0 ? all : all.filter((one) => this.afterglow.isCurrent(peerId, one.producerId));
  }

  /** What a peer of this node sends by way of it. */
  ownProducersOf({ id }: Peer): readonly ProducerInfo[] {
    return this.media.producersOf(id).filter(({ producerId }) => !this.afterglow.isOld(id, producerId));
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
    this.#ties.peerChanged(peer);
    this.broadcast('peerChanged', { room: this.name, peer: peer.toInfo([]) }, peer);
  }

  /** What runs is in the snapshots of those who come later. */
  tellRecording(recording: RecordingInfo): void {
    if (recording.state === 'running') this.recording = recording;
    // Another one may have begun while this one was brought to its end.
    else if (this.recording?.recordingId === recording.recordingId) this.recording = undefined;
    // Not everybody may fetch it.
    if (!this.closed) this.broadcast('recordingChanged', { room: this.name, recording: { ...recording, url: '' } });
  }

  /** Tells of joins and leaves at once instead of at the end of the turn. */
  flushRoster(): void {
    this.#news.flush();
  }

  /** Takes everyone of this node out and closes the media. */
  close(): void {
    this.closed = true;
    this.onClosed();
    this.#fanOut.flush();
    for (const peer of [...this.locals.members]) this.leave(peer, 'closed');
    this.flushRoster();
    this.afterglow.endAll();
    this.#ties.close();
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

  #createRemote(id: PeerId, description: RemoteDescription, at: RemotePlace): RemotePeer {
    this.#lastJoinIndex += 1;
    this.media.remoteTracks?.peerAt(id, at.node);
    return new RemotePeer(id, description, { ...at, joinIndex: this.#lastJoinIndex });
  }

  /** Everything of it here, but its place in the rosters. */
  #end(peer: Peer): void {
    peer.link = undefined;
    peer.follower.stop();
    this.media.removePeer(peer.id);
    this.media.remoteTracks?.peerGone(peer.id);
    for (const companion of peer.companions) companion.left();
  }

  #remoteGone(member: RemotePeer): void {
    if (this.activeSpeaker === member) this.activeSpeaker = undefined;
    this.afterglow.end(member.id);
    this.media.remoteTracks?.peerGone(member.id);
  }

  /** It goes on elsewhere, and may send and receive by way of this node until it does so there. */
  #keepOwn(peer: Peer): void {
    const { id } = peer;
    this.afterglow.end(id);
    const producers = this.media.producersOf(id);
    // Negotiated by SDP, it ends with its session; and of nothing there is nothing to keep.
    if (peer.companions.length > 0 || (producers.length === 0 && !peer.hasConsumers)) {
      this.#end(peer);
      this.#tellReset(id);
      return;
    }
    peer.link = undefined;
    peer.follower.stop();
    this.afterglow.keep(id, {
      producers,
      close: (producerId) => this.media.closeProducer(id, producerId),
      over: () => this.media.removePeer(id),
    });
  }

  /** What it sent by way of a node that lives is received until it sends from elsewhere. */
  #keepRemote(id: PeerId, from: Life | undefined): void {
    const { remoteTracks } = this.media;
    this.afterglow.end(id);
    const producers = from !== undefined && this.#ties.isThere(from) ? this.media.producersOf(id) : [];
    if (remoteTracks !== undefined && producers.length > 0) {
      this.afterglow.keep(id, { producers, close: (producerId) => remoteTracks.closed(id, producerId), over() {} });
      return;
    }
    this.#tellReset(id);
    remoteTracks?.peerGone(id);
  }

  /** What it sent is gone, and comes back as other tracks. */
  #tellReset(id: PeerId): void {
    this.broadcast('mediaReset', {
      room: this.name,
      mediaEpoch: this.media.epoch,
      routerRtpCapabilities: this.rtpCapabilities,
      peerIds: [id],
    });
  }

  #tellChanged(before: Pick<Member, 'away' | 'name' | 'metadata'>, now: Member): void {
    if (before.away === now.away && before.name === now.name && before.metadata === now.metadata) return;
    this.broadcast('peerChanged', { room: this.name, peer: now.toInfo([]) });
  }
}

function findLongestAway(peers: readonly Peer[]): Peer | undefined {
  const away = peers.filter((peer) => peer.away);
  return away.sort((one, other) => (one.awaySinceMs ?? 0) - (other.awaySinceMs ?? 0))[0];
}
