import type { Clock, Timer } from '../core/clock.ts';
import { AppError, type ErrorReason } from '../core/errors.ts';
import { EventMessage } from '../core/event-message.ts';
import type { Logger } from '../core/log.ts';
import type { Events } from '../proto/gen/types.ts';
import type { ClientLink } from './client-link.ts';
import type { Defer } from './defer.ts';
import type { Dispatch } from './dispatch.ts';
import type { ClientEndpoint } from './endpoints.ts';
import { OpenCalls } from './open-calls.ts';
import type { Session, SessionConnection } from './session.ts';

/** The same for all connections. */
interface ConnectionParts {
  /** How long session.connect may take to come, and to succeed. */
  readonly connectTimeoutMs: number;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
  readonly onClosed: (connection: Connection) => void;
}

/** One connection on `/ws`. It has a session from session.connect until it is closed or its session goes elsewhere. */
export class Connection implements ClientEndpoint, SessionConnection {
  readonly link: ClientLink;
  session: Session | undefined;
  readonly #parts: ConnectionParts;
  #upgradeToken: string | undefined;
  #connectTimer: Timer | undefined;
  #openCalls: OpenCalls | undefined;
  #state: 'new' | 'connecting' | 'connected' | 'draining' | 'ended' = 'new';

  constructor(parts: ConnectionParts, link: ClientLink, upgradeToken: string | undefined) {
    this.#parts = parts;
    this.link = link;
    this.#upgradeToken = upgradeToken;
    this.#connectTimer = parts.clock.after(parts.connectTimeoutMs, () => this.end('CONNECT_TIMEOUT'));
  }

  /** What the upgrade request carried; nothing once it has a session. */
  get upgradeToken(): string | undefined {
    return this.#upgradeToken;
  }

  get openCalls(): OpenCalls {
    this.#openCalls ??= new OpenCalls();
    return this.#openCalls;
  }

  /** Made when something is to be said: seldom. */
  get log(): Logger {
    return this.#parts.log.child({ connectionId: this.link.id });
  }

  call(method: string, params: unknown): object | Promise<object> {
    if (this.#state === 'draining') throw new AppError('SERVER_DRAINING');
    return this.#parts.dispatch(this, method, params);
  }

  closed(): void {
    const { session } = this;
    this.#leaveSession();
    session?.lost();
    this.#parts.onClosed(this);
  }

  /** One session.connect at a time, and one that succeeds. @throws {AppError} ALREADY_CONNECTED */
  startConnecting(): void {
    if (this.#state !== 'new') throw new AppError('ALREADY_CONNECTED');
    this.#state = 'connecting';
  }

  /** It may be tried again on this connection, as long as there is time to connect. */
  connectFailed(): void {
    if (this.#state === 'connecting') this.#state = 'new';
  }

  connected(session: Session): void {
    this.#state = 'connected';
    this.#stopWaiting();
    this.session = session;
  }

  end(reason: ErrorReason): void {
    if (this.#state === 'ended') return;
    this.#leaveSession();
    this.link.close(reason);
  }

  /** Answers whether it can be asked now: it has a session here, and was not sent away. */
  askToMove(request: Events['moveRequested']): boolean {
    if (this.#state !== 'connected') return false;
    this.link.send(new EventMessage('moveRequested', request));
    return true;
  }

  /** Tells the client to come back later; answers the calls that are open, takes no more, then closes. */
  drain(retryAfterMs: number): void {
    const { session } = this;
    if (session === undefined) {
      this.end('SERVER_DRAINING');
      return;
    }
    this.#state = 'draining';
    this.link.send(new EventMessage('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs }));
    // A turn later: the answer of the last call is then on its way.
    this.openCalls.whenNone(() => this.#parts.defer(() => session.sendAway(this)));
  }

  #leaveSession(): void {
    this.#state = 'ended';
    this.session = undefined;
    this.#stopWaiting();
    this.#openCalls?.abortAll(new AppError('CALL_CANCELLED'));
  }

  /** For session.connect. What only that needs is let go of. */
  #stopWaiting(): void {
    this.#connectTimer?.cancel();
    this.#connectTimer = undefined;
    this.#upgradeToken = undefined;
  }
}
