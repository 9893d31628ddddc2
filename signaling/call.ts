import type { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Connection } from './connection.ts';
import type { Peer } from './peer.ts';
import type { Session } from './session.ts';

/** As it was read against the contract. */
export type Request = Readonly<Record<string, unknown>>;

/** What a handler knows of its call besides the request. */
export interface CallContext {
  readonly connection: Connection;
  /** The caller's session. There is none in the handler of a method that may be called before session.connect. */
  readonly session: Session;
  /** The caller's peer in the request's room, with the grant that the policy requires. For methods that require one. */
  readonly peer: Peer;
  /** Knows whose call it is. */
  readonly log: Logger;
  /**
   * Aborted when nobody waits for the answer any more: the connection closed, the time is over, the server stops. Its
   * reason is the AppError that says so. Made when it is asked for: the cheap calls never do.
   */
  readonly signal: AbortSignal;
}

export class Call implements CallContext {
  readonly connection: Connection;
  readonly request: Request;
  readonly #session: Session | undefined;
  readonly #peer: Peer | undefined;
  #controller: AbortController | undefined;
  #abortedBy: AppError | undefined;
  #onAborted: ((error: AppError) => void) | undefined;

  constructor(connection: Connection, request: Request, session: Session | undefined, peer: Peer | undefined) {
    this.connection = connection;
    this.request = request;
    this.#session = session;
    this.#peer = peer;
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error('this method may be called before there is a session');
    return this.#session;
  }

  get peer(): Peer {
    if (this.#peer === undefined) throw new Error('the policy of this method requires no grant in a room');
    return this.#peer;
  }

  get log(): Logger {
    return (this.#session ?? this.connection).log;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedBy !== undefined) this.#controller.abort(this.#abortedBy);
    }
    return this.#controller.signal;
  }

  /** At most one listener: whoever waits for the answer. */
  onAborted(listener: (error: AppError) => void): void {
    this.#onAborted = listener;
  }

  abort(error: AppError): void {
    if (this.#abortedBy !== undefined) return;
    this.#abortedBy = error;
    this.#controller?.abort(error);
    this.#onAborted?.(error);
  }
}
