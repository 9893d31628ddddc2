// Somebody who has connected: who it is, which rooms it is in, and which connection it has now, if any.

import type { Clock, Timer } from '../core/clock.ts';
import { AppError, type ErrorReason } from '../core/errors.ts';
import { EventMessage } from '../core/event-message.ts';
import { createSessionId, type RoomId, type SessionId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { EventName, Events, RoomOptions } from '../proto/gen/types.ts';
import { CallRates } from './call-rates.ts';
import { grantsOfParty } from './calls/party-grants.ts';
import type { ClientLink } from './client-link.ts';
import { sessionHashOf } from './cluster/tickets.ts';
import type { Defer } from './defer.ts';
import { type Grants, grantsIn, requireGrant } from './grants.ts';
import { HeldLink } from './held-link.ts';
import type { LeaveReason, Peer, PeerCandidate, PeerOwner } from './peer.ts';
import { reviewPeer } from './peer-review.ts';
import { ResumeSecret } from './resume-secret.ts';
import type { LoadedRoom, Rooms } from './rooms.ts';
import { SessionPeers } from './session-peers.ts';
import type { SignalingOptions } from './signaling-options.ts';
import type { TokenHolder, TokenTimers } from './token-timers.ts';
import type { Claims } from './token-verifier.ts';

/** The connection that a session is on. */
export interface SessionConnection {
  readonly link: ClientLink;
  /** The session goes on without this connection, or not at all: it is to be closed. */
  end(reason: ErrorReason): void;
}

/** Why a session ended; its peers leave for the same reason. */
export type SessionEnd = Extract<LeaveReason, 'lost' | 'expired' | 'closed'>;

/** The same for all sessions. */
export interface SessionParts {
  readonly rooms: Rooms;
  readonly options: SignalingOptions['sessions'];
  readonly clock: Clock;
  readonly tokens: TokenTimers;
  readonly defer: Defer;
  readonly log: Logger;
  /** What other nodes know a session by; undefined: there are none. */
  readonly ticketOf?: ((session: { readonly id: string; readonly identity: string }) => string) | undefined;
  /** The connection is gone, or there is one again. */
  readonly onAwayChanged: (session: Session) => void;
  readonly onEnded: (session: Session) => void;
}

export class Session implements PeerOwner, TokenHolder {
  readonly id: SessionId;
  readonly identity: string;
  readonly secret: ResumeSecret;
  readonly rates: CallRates;
  dueTick = 0;
  readonly #parts: SessionParts;
  readonly #peers = new SessionPeers<Peer>();
  #claims: Claims;
  #connection: SessionConnection | undefined;
  #link: HeldLink | ClientLink | undefined;
  #grace: Timer | undefined;
  #ended = false;

  /** `id`: of a session that was another node's. */
  constructor(claims: Claims, parts: SessionParts, id = createSessionId()) {
    this.id = id;
    this.identity = claims.identity;
    this.secret = new ResumeSecret(parts.ticketOf?.(this));
    this.#claims = claims;
    this.#parts = parts;
    this.rates = new CallRates(parts.clock);
  }

  /** Made when something is to be said: seldom. */
  get log(): Logger {
    return this.#parts.log.child({ sessionId: this.id, identity: this.identity });
  }

  get name(): string {
    return this.#claims.name;
  }

  get expiresAtMs(): number {
    return this.#claims.expiresAtMs;
  }

  get away(): boolean {
    return this.#connection === undefined;
  }

  get peers(): Iterable<Peer> {
    return this.#peers;
  }

  /** Goes on, or starts, on this connection; one that it is still on is closed with SESSION_TAKEN_OVER. */
  attach(connection: SessionConnection, claims: Claims): void {
    this.#detach()?.end('SESSION_TAKEN_OVER');
    this.#stopWaiting();
    // Nothing of this is told to the session itself: it has no link yet, and the snapshots will say it.
    this.#review(claims);
    for (const peer of this.#peers) peer.room.flushRoster();
    this.#connection = connection;
    this.#holdEventsOfThisTurn(connection.link);
    for (const peer of this.#peers) setAwaySince(peer, undefined);
    this.#parts.tokens.restart(this);
    this.#parts.onAwayChanged(this);
  }

  /** The connection that it is on is gone: the session waits for its client. */
  lost(): void {
    this.#detach();
    const { resumeGraceMs } = this.#parts.options;
    if (resumeGraceMs === 0) {
      this.end('lost');
      return;
    }
    this.#grace = this.#parts.clock.after(resumeGraceMs, () => this.end('lost'));
    const nowMs = this.#parts.clock.monotonicMs();
    for (const peer of this.#peers) setAwaySince(peer, nowMs);
    this.log.info({}, 'session lost its connection');
    this.#parts.onAwayChanged(this);
  }

  /** Takes a newer token. @throws {AppError} TOKEN_IDENTITY_CHANGED */
  refresh(claims: Claims): void {
    if (claims.identity !== this.identity) throw new AppError('TOKEN_IDENTITY_CHANGED');
    this.#review(claims);
    this.#parts.tokens.restart(this);
  }

  /**
   * To be asked before anything is fetched for a join.
   * @throws {AppError} GRANT_MISSING, ALREADY_IN_ROOM, TOO_MANY_ROOMS_JOINED
   */
  requireJoinable(name: RoomId, grants = this.grantsIn(name)): void {
    requireGrant(grants, 'join');
    if (this.#peers.has(name)) throw new AppError('ALREADY_IN_ROOM', { room: name });
    const limit = this.#parts.options.maxRooms;
    if (this.#peers.size >= limit) throw new AppError('TOO_MANY_ROOMS_JOINED', { limit });
  }

  /**
   * Events of the room are held back until the answer is on its way.
   * @throws {AppError} what {@link requireJoinable} and {@link Rooms.join} throw.
   */
  join(
    name: RoomId,
    loaded: LoadedRoom,
    options: RoomOptions | undefined,
    { directCapable = false, goesOn }: Pick<PeerCandidate, 'directCapable' | 'goesOn'> = {},
  ): Peer {
    const { identity, metadata } = this.#claims;
    const grants = grantsOfParty(this.grantsIn(name), loaded.timeline.facts, identity);
    this.requireJoinable(name, grants);
    const held = this.#link && new HeldLink(this.#link);
    const description = { identity, name: this.name, metadata, directCapable, goesOn };
    const candidate = { owner: this, kind: 'client', ...description, link: held } as const;
    const peer = this.#parts.rooms.join(name, { ...candidate, grants }, loaded, options);
    this.#peers.add(peer);
    if (held) this.#releaseAfterTurn(peer, held);
    return peer;
  }

  isIn(room: string): boolean {
    return this.#peers.has(room);
  }

  /** What its token grants there, whether it is in the room or not. */
  grantsIn(room: string): Grants {
    return grantsIn(room, this.#claims.grants);
  }

  /** @throws {AppError} NOT_IN_ROOM */
  requirePeer(room: string): Peer {
    const peer = this.#peers.get(room);
    if (peer === undefined) throw new AppError('NOT_IN_ROOM', { room });
    return peer;
  }

  peerLeft(peer: Peer): void {
    this.#peers.delete(peer);
  }

  /** Its client is at another node with that peer, and will be with the others. */
  peerMoved(peer: Peer): void {
    this.#peers.delete(peer);
    if (this.#peers.size === 0) {
      this.end('closed', 'SESSION_TAKEN_OVER');
    } else if (!this.away) {
      this.#detach()?.end('SESSION_TAKEN_OVER');
      this.lost();
    }
  }

  get canMove(): boolean {
    return this.#peers.size === 1;
  }

  get isInNoRoom(): boolean {
    return this.#peers.size === 0;
  }

  get sessionHash(): string {
    return sessionHashOf(this.id);
  }

  send<Name extends EventName>(name: Name, payload: Events[Name]): void {
    this.sendMessage(new EventMessage(name, payload));
  }

  /** The same message may go to others too. */
  sendMessage(message: EventMessage): void {
    this.#link?.send(message);
  }

  /** Its client is told to come back: to another node where there are any, and is away for the others until it is there. */
  sendAway(from: SessionConnection): void {
    if (this.#parts.ticketOf === undefined) {
      this.end('closed');
    } else if (this.#connection === from) {
      this.#detach()?.end('SERVER_DRAINING');
      this.lost();
    }
  }

  /** Ends the session; its connection is closed first, so the leaving is told to others only. */
  end(reason: SessionEnd, closeReason: ErrorReason = 'SERVER_DRAINING'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parts.tokens.stop(this);
    this.#stopWaiting();
    this.#detach()?.end(closeReason);
    for (const peer of this.#peers) peer.room.leave(peer, reason);
    this.log.info({ reason }, 'session ended');
    this.#parts.onEnded(this);
  }

  tokenExpiring(): void {
    this.send('tokenExpiring', { expiresAtMs: this.expiresAtMs });
  }

  tokenExpired(): void {
    this.send('sessionClosing', { reason: 'TOKEN_EXPIRED' });
    this.end('expired', 'TOKEN_EXPIRED');
  }

  #review(claims: Claims): void {
    if (claims === this.#claims) return;
    this.#claims = claims;
    for (const peer of this.#peers) reviewPeer(peer, claims);
  }

  /** Each membership for itself: it may be over before the turn is. */
  #holdEventsOfThisTurn(link: ClientLink): void {
    const held = new HeldLink(link);
    this.#link = held;
    this.#parts.defer(() => {
      if (this.#link === held) this.#link = link;
      held.release();
    });
    for (const peer of this.#peers) {
      const ofPeer = new HeldLink(held);
      peer.link = ofPeer;
      this.#releaseAfterTurn(peer, ofPeer);
    }
  }

  #releaseAfterTurn(peer: Peer, held: HeldLink): void {
    this.#parts.defer(() => {
      if (peer.link === held) peer.link = this.#link;
      if (!peer.left) held.release();
      // Its client has left, and may be in the room again with a later snapshot: of the first time only its end is news.
      else if (!this.isIn(peer.room.name)) held.release('roomLeft');
    });
  }

  /** A timer is let go of, for a session may go on for hours. */
  #stopWaiting(): void {
    this.#grace?.cancel();
    this.#grace = undefined;
  }

  #detach(): SessionConnection | undefined {
    const connection = this.#connection;
    if (this.#link instanceof HeldLink) this.#link.release();
    this.#link = undefined;
    for (const peer of this.#peers) peer.link = undefined;
    this.#connection = undefined;
    return connection;
  }
}

function setAwaySince(peer: Peer, sinceMs: number | undefined): void {
  const wasAway = peer.away;
  peer.awaySinceMs = sinceMs;
  if (peer.away !== wasAway) peer.room.announceChange(peer);
}
