// Every session of this node, and how its client comes back to it.

import type { UserPlaces } from '../cluster/directory.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { SessionId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import { Multimap } from '../core/multimap.ts';
import type { ResumeRequest } from '../proto/gen/types.ts';
import type { Defer } from './defer.ts';
import type { Peer } from './peer.ts';
import type { Rooms } from './rooms.ts';
import { Session, type SessionConnection, type SessionParts } from './session.ts';
import type { SignalingOptions } from './signaling-options.ts';
import { TokenTimers } from './token-timers.ts';
import type { Claims } from './token-verifier.ts';

/** Connected sessions are bounded by the gateway's connections. Beyond this, who has been away longest is lost. */
const maxAwaySessions = 10_000;

interface SessionsParts {
  readonly rooms: Rooms;
  readonly options: SignalingOptions['sessions'];
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
  readonly ticketOf?: SessionParts['ticketOf'];
  /** What other nodes find people by; undefined: there are none. */
  readonly users?: Pick<UserPlaces, 'came' | 'left'> | undefined;
  readonly maxAway?: number;
  /** Told of each session that has started or goes on, on a connection. */
  readonly onCame?: ((session: Session) => void) | undefined;
  /** Told of each session after its end. */
  readonly onEnded?: ((session: Session) => void) | undefined;
}

export class Sessions {
  readonly #parts: SessionsParts;
  readonly #sessionParts: SessionParts;
  readonly #byId = new Map<string, Session>();
  readonly #byIdentity = new Multimap<string, Session>();
  /** Who has been away longest comes first. */
  readonly #away = new Set<Session>();
  /** None starts. */
  #moving = false;
  /** None starts or goes on. */
  #draining = false;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#sessionParts = {
      ...parts,
      tokens: new TokenTimers(parts.clock, parts.options.tokenWarningMs),
      onAwayChanged: (session) => this.#awayChanged(session),
      onEnded: (session) => {
        this.#remove(session);
        parts.onEnded?.(session);
      },
    };
  }

  get connectedCount(): number {
    return this.#byId.size - this.#away.size;
  }

  get awayCount(): number {
    return this.#away.size;
  }

  /**
   * `id`: of a session that goes on here, and was another node's.
   * @throws {AppError} SERVER_DRAINING, TOO_MANY_SESSIONS; RESUME_REFUSED when it goes on here already.
   */
  start(claims: Claims, connection: SessionConnection, id?: SessionId): Session {
    this.requireOpen();
    if (id !== undefined && this.#byId.has(id)) throw new AppError('RESUME_REFUSED');
    this.#makeSpaceFor(claims.identity);
    const session = new Session(claims, this.#sessionParts, id);
    this.#add(session);
    session.attach(connection, claims);
    session.log.info(toLogFields(connection), id === undefined ? 'session started' : 'session goes on here');
    this.#parts.onCame?.(session);
    return session;
  }

  /**
   * Goes on with a session on another connection.
   * @throws {AppError} SERVER_DRAINING; RESUME_REFUSED, which does not tell whether the session, the identity or the
   * secret was wrong.
   */
  resume({ sessionId, secret }: ResumeRequest, claims: Claims, connection: SessionConnection): Session {
    this.requireResumable();
    const session = this.#byId.get(sessionId);
    if (session?.identity !== claims.identity || !session.secret.redeem(secret)) throw new AppError('RESUME_REFUSED');
    session.attach(connection, claims);
    session.log.info(toLogFields(connection), 'session resumed');
    this.#parts.onCame?.(session);
    return session;
  }

  /** It may be resumed here. */
  has(sessionId: string): boolean {
    return this.#byId.has(sessionId);
  }

  /**
   * What is left here of a session that went on at another node and comes back: nobody is on it, it is in no room, and the
   * secret is one that it was given elsewhere.
   */
  findLeftBehind({ sessionId, secret }: ResumeRequest, identity: string): Session | undefined {
    const session = this.#byId.get(sessionId);
    if (session?.identity !== identity || !session.away || !session.isInNoRoom) return undefined;
    return session.secret.isGood(secret) ? undefined : session;
  }

  /** As the token of the session that is here longest says; empty: there is none. */
  nameOf(identity: string): string {
    return this.#byIdentity.get(identity)[0]?.name ?? '';
  }

  /** Somebody is on one. */
  isConnected(identity: string): boolean {
    return this.#byIdentity.get(identity).some((session) => !session.away);
  }

  /** Those that are away among them. */
  hasAny(identity: string): boolean {
    return this.#byIdentity.count(identity) > 0;
  }

  /** Those that are away among them. */
  ofIdentity(identity: string): Iterable<Session> {
    return this.#byIdentity.get(identity);
  }

  /** Those that are away among them. */
  all(): Iterable<Session> {
    return this.#byId.values();
  }

  /** The peers of a session, for whom it may be: before it is resumed. */
  peersOf(sessionId: string, identity: string): Peer[] {
    const session = this.#byId.get(sessionId);
    return session?.identity === identity ? [...session.peers] : [];
  }

  /** @throws {AppError} SERVER_DRAINING */
  requireOpen(): void {
    if (this.#draining || this.#moving) throw new AppError('SERVER_DRAINING');
  }

  /** For one that is here already. @throws {AppError} SERVER_DRAINING */
  requireResumable(): void {
    if (this.#draining) throw new AppError('SERVER_DRAINING');
  }

  /** New ones had better start at another node, or are taken here again. */
  setMoving(isMoving: boolean): void {
    this.#moving = isMoving;
  }

  /**
   * No session starts or goes on any more. Those whose clients are away end now; where there are other nodes they may go on
   * there, and end with this one.
   */
  drain(): void {
    this.#draining = true;
    if (this.#parts.ticketOf !== undefined) return;
    for (const session of [...this.#away]) session.end('closed');
  }

  close(): void {
    this.#draining = true;
    for (const session of [...this.#byId.values()]) session.end('closed');
  }

  #add(session: Session): void {
    this.#byId.set(session.id, session);
    this.#byIdentity.add(session.identity, session);
    if (this.#byIdentity.count(session.identity) === 1) this.#parts.users?.came(session.identity);
  }

  #remove(session: Session): void {
    this.#byId.delete(session.id);
    this.#away.delete(session);
    const wasThere = this.#byIdentity.delete(session.identity, session);
    if (wasThere && this.#byIdentity.count(session.identity) === 0) this.#parts.users?.left(session.identity);
  }

  /** At the limit the session of this identity that has been away longest ends before its time. */
  #makeSpaceFor(identity: string): void {
    const limit = this.#parts.options.maxPerIdentity;
    if (this.#byIdentity.count(identity) < limit) return;
    for (const session of this.#away) {
      if (session.identity !== identity) continue;
      session.end('lost');
      return;
    }
    throw new AppError('TOO_MANY_SESSIONS', { limit });
  }

  #awayChanged(session: Session): void {
    this.#away.delete(session);
    if (!session.away) return;
    this.#away.add(session);
    const [longest] = this.#away;
    if (this.#away.size > (this.#parts.maxAway ?? maxAwaySessions)) longest?.end('lost');
  }
}

function toLogFields({ link }: SessionConnection): object {
  return { connectionId: link.id, remoteAddress: link.remoteAddress };
}
