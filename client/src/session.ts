import type { ConnectResponse, MethodName, Methods, MoveRequested, ResumedRoomInit } from '../../proto/gen/types.ts';
import type { Addresses } from './addresses.ts';
import type { ConnectionState } from './api.ts';
import { fullJitterMs } from './backoff.ts';
import type { CallOptions } from './calls.ts';
import type { Codec, ServerEvent } from './codec/codec.ts';
import { Connection, type ConnectionEnd } from './connection.ts';
import { type ParleyError, sdkError, toParleyError } from './errors.ts';
import { Lifetime } from './lifetime.ts';
import { decideNext, type Failure, type Phase } from './session-policy.ts';
import type { ClientTiming } from './timing.ts';
import { TokenKeeper } from './token-keeper.ts';
import { createDeferred, sleep } from './waiting.ts';
import { toNodeUrl, type WebSocketClass } from './web-socket.ts';

export interface SessionOptions {
  readonly addresses: Addresses;
  readonly token: () => string | Promise<string>;
  readonly codec: Codec;
  readonly webSocket: WebSocketClass;
  readonly timing: ClientTiming;
  readonly name: string;
  readonly version: string;
  /** The rooms that the client is in: what another node brings it back to. */
  rooms(): readonly ResumedRoomInit[];
  /** The connection is up, with a session of earlier (`resumed`) or a fresh one. Later events come after it returns. */
  onConnected(response: ConnectResponse): void;
  /** The connection is another one, to another node, with the session as it is. Later events come after it returns. */
  onMoved(response: ConnectResponse): void;
  /** Nothing can be called until `onConnected`. */
  onDisconnected(): void;
  onEvent(event: ServerEvent): void;
  /** `error` says why, `retryInMs` when the next try comes. */
  onStateChanged(state: ConnectionState, error: ParleyError | undefined, retryInMs: number | undefined): void;
}

/** A connection that the session is on. */
interface From {
  readonly connection: Connection;
  readonly life: Lifetime;
}

/** What the contract lets a resume name; rooms beyond it are joined again. */
const maxResumedRooms = 50;

/** One life with the server over many connections: coming back, and the tokens for it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #ending = new Lifetime();
  readonly #tokens: TokenKeeper;
  readonly #firstConnected = createDeferred<void>();
  #state: ConnectionState = 'idle';
  #closedBy: ParleyError | undefined;
  #identity: string | undefined;
  /** The connection that calls go through; only while connected. */
  #connection: Connection | undefined;
  /** The session to come back to. */
  #standing: { readonly sessionId: string; readonly secret: string } | undefined;
  #tries = 0;
  /** An attempt to go on elsewhere, while this connection serves. Never rejects. */
  #moving: Promise<void> | undefined;
  /** From the present connection. */
  #triedToMove = false;
  /** Connected again, or closed. */
  #changed = createDeferred<void>();
  /** Ends the wait before the next try. */
  #wake: () => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#tokens = new TokenKeeper({
      ...options,
      life: this.#ending,
      refresh: (token) => this.call('session.refresh', { token }),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Who the token says that this is, once the server said so. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** @throws {ParleyError} when the server or the application refuses, and CLIENT_CLOSED. */
  connect(): Promise<void> {
    if (this.#state === 'closed') return Promise.reject(this.#closedBy);
    if (this.#state === 'idle') {
      this.#state = 'connecting';
      this.#options.onStateChanged('connecting', undefined, undefined);
      void this.#run();
    }
    return this.#firstConnected.promise;
  }

  /** @throws {ParleyError} by rejection: NOT_CONNECTED at once while there is no connection. */
  call<M extends MethodName, T = Methods[M]['response']>(
    method: M,
    params: Methods[M]['init'],
    options?: CallOptions<M, T>,
  ): Promise<T> {
    return this.#connection?.call(method, params, options) ?? Promise.reject(sdkError('NOT_CONNECTED'));
  }

  /** Now is a good moment: tries at once when it waits, and otherwise looks whether the connection still lives. */
  hint(): void {
    this.#wake();
    this.#connection?.probe(this.#options.timing.probeTimeoutMs);
  }

  /**
   * Leaves for another node, as the server asks for it; should that one not answer, any other will do. Resolves when there is
   * a connection again, wherever. @throws {ParleyError} what the session ended with.
   */
  async goTo(url: string): Promise<void> {
    await this.#moving;
    const { addresses } = this.#options;
    if (this.#connection) addresses.suggest(toNodeUrl(url, addresses.current));
    this.#connection?.leave();
    await this.whenConnected();
  }

  /** @throws {ParleyError} what the session ended with. */
  async whenConnected(): Promise<void> {
    while (this.#connection === undefined || this.#connection.end !== undefined) {
      if (this.#closedBy) throw this.#closedBy;
      await this.#changed.promise;
    }
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#ending.end();
    this.#connection?.close();
    this.#finish(undefined);
  }

  async #run(): Promise<void> {
    while (!this.#ending.ended) {
      const failure = await this.#live();
      if (this.#ending.ended) return;
      const step = decideNext(failure);
      if (step.next === 'giveUp') return this.#finish(failure.error);
      if (step.token === 'renew') this.#tokens.forget();
      if (step.session === 'startAnew') this.#standing = undefined;
      const { addresses, timing } = this.#options;
      if (step.address === 'next') addresses.next();
      // What grows is the wait between two tries of the same address.
      const rounds = Math.floor(this.#tries / addresses.count);
      const { reconnectBaseMs, reconnectCapMs } = timing;
      const backoffMs = step.wait === 'none' ? 0 : fullJitterMs(rounds, reconnectBaseMs, reconnectCapMs);
      this.#tries += 1;
      await this.#pause(failure.error, { backoffMs, atLeastMs: step.atLeastMs });
    }
  }

  /** One connection from the first attempt to its end, which always is some failure: it never rejects. */
  async #live(): Promise<Failure> {
    const hadOldToken = this.#tokens.isOld;
    const standing = this.#standing;
    let phase: Phase = 'token';
    let connection: Connection | undefined;
    const fail = ({ error, closing }: ConnectionEnd): Failure => {
      return { error, phase, closing, hadOldToken, wasResuming: standing !== undefined, wasMoving: this.#triedToMove };
    };
    try {
      const token = await this.#tokens.get();
      phase = 'opening';
      connection = this.#createConnection(this.#options.addresses.current).connection;
      await connection.opened(this.#ending, this.#openTimeoutMs());
      phase = 'connecting';
      const sinceMs = await this.#establish(connection, token);
      phase = 'connected';
      const end = await this.#endOf(connection);
      if (performance.now() - sinceMs >= this.#options.timing.stableAfterMs) this.#tries = 0;
      return fail(end);
    } catch (thrown) {
      // What ended the connection says more than that the call was lost with it.
      const end = connection?.end;
      connection?.close();
      return fail(end ?? { error: toParleyError(thrown, 'UNREACHABLE'), closing: undefined });
    }
  }

  #createConnection(url: string): { readonly connection: Connection; readonly life: Lifetime } {
    const life = new Lifetime();
    const connection: Connection = new Connection({
      ...this.#options,
      url,
      onEvent: (event) => {
        if (event.name === 'moveRequested') this.#moveRequested(event.payload, { connection, life });
        else this.#eventCame(event, life);
      },
      onEnded: ({ error }) => {
        life.end();
        this.#disconnected(connection, error);
      },
    });
    // Until it is the session's own, close() would not find it.
    const forget = this.#ending.onEnd(() => connection.close());
    void connection.ended.then(forget);
    return { connection, life };
  }

  /** Of the last one that the session was on, each time that it went on to another one. */
  async #endOf(first: Connection): Promise<ConnectionEnd> {
    for (let connection = first; ; ) {
      const end = await connection.ended;
      await this.#moving;
      if (this.#connection === undefined || this.#connection === connection) return end;
      connection = this.#connection;
    }
  }

  /** A node that stopped without a word is not waited for as long as there is another one. */
  #openTimeoutMs(): number {
    const { addresses, timing } = this.#options;
    const { openTimeoutMs, probeTimeoutMs } = timing;
    const isFirstRound = addresses.count > 1 && this.#tries < addresses.count;
    return isFirstRound ? Math.min(openTimeoutMs, probeTimeoutMs) : openTimeoutMs;
  }

  #establish(
    connection: Connection,
    token: string,
    { timeoutMs = this.#options.timing.openTimeoutMs, from }: { timeoutMs?: number; from?: Connection } = {},
  ): Promise<number> {
    const { name, version, rooms } = this.#options;
    const resume = this.#standing && { ...this.#standing, rooms: rooms().slice(0, maxResumedRooms) };
    const params = { token, client: { name, version }, ...(resume && { resume }) };
    return connection.call('session.connect', params, {
      timeoutMs,
      apply: (response) => {
        // The session is elsewhere by now, or nowhere.
        if (this.#connection !== from) throw sdkError('CONNECTION_LOST');
        this.#connected(connection, response);
        return performance.now();
      },
    });
  }

  #connected(connection: Connection, response: ConnectResponse): void {
    const before = this.#connection;
    this.#connection = connection;
    this.#triedToMove = false;
    this.#tokens.taken();
    this.#standing = { sessionId: response.sessionId, secret: response.resumeSecret };
    this.#identity = response.identity;
    connection.maxFrameBytes = response.maxFrameBytes;
    connection.startPings(response.pingIntervalMs);
    if (before) {
      before.retire(this.#ending);
      this.#options.onMoved(response);
      this.#tellChanged();
      return;
    }
    this.#state = 'connected';
    // Rooms are put in order first, so that listeners of the state find them usable.
    this.#options.onConnected(response);
    this.#firstConnected.resolve();
    this.#tellChanged();
    this.#options.onStateChanged('connected', undefined, undefined);
  }

  #tellChanged(): void {
    this.#changed.resolve();
    this.#changed = createDeferred();
  }

  #disconnected(connection: Connection, error: ParleyError): void {
    if (this.#connection !== connection) return;
    if (this.#moving !== undefined && !this.#ending.ended) {
      // It may have ended because another one has the session.
      void this.#moving.then(() => this.#disconnected(connection, error));
      return;
    }
    this.#connection = undefined;
    if (this.#ending.ended) return;
    this.#state = 'reconnecting';
    this.#options.onDisconnected();
    this.#options.onStateChanged('reconnecting', error, undefined);
  }

  #eventCame(event: ServerEvent, life: Lifetime): void {
    if (event.name === 'tokenExpiring') void this.#tokens.refresh(life);
    else this.#options.onEvent(event);
  }

  #moveRequested({ url, retryAfterMs, deadlineMs }: MoveRequested, from: From): void {
    if (this.#moving !== undefined) return;
    const { addresses } = this.#options;
    const wished = url === '' ? undefined : toNodeUrl(url, addresses.current);
    const untilMs = performance.now() + deadlineMs;
    this.#moving = this.#move(wished, { ...from, afterMs: retryAfterMs, untilMs }).finally(() => {
      this.#moving = undefined;
    });
  }

  /** Others are asked as well: each in the moment that it was told. Where nobody takes it, it stays until it is sent away. */
  async #move(wished: string | undefined, from: From & { afterMs: number; untilMs: number }): Promise<void> {
    const { addresses } = this.#options;
    try {
      await sleep(from.afterMs, from.life);
      for (const url of addresses.elsewhere(wished)) {
        if (from.life.ended || performance.now() >= from.untilMs || (await this.#tryToMove(url, from))) return;
      }
    } catch {
      // Ended meanwhile.
    }
  }

  async #tryToMove(url: string, from: From & { untilMs: number }): Promise<boolean> {
    const { timing, addresses } = this.#options;
    const { connection } = this.#createConnection(url);
    const withinMs = () => Math.max(Math.min(timing.openTimeoutMs, from.untilMs - performance.now()), 0);
    try {
      const token = await this.#tokens.get();
      await connection.opened(from.life, withinMs());
      this.#triedToMove = true;
      addresses.suggest(url);
      await this.#establish(connection, token, { timeoutMs: withinMs(), from: from.connection });
      addresses.wentTo(url);
      return true;
    } catch {
      connection.close();
      return false;
    }
  }

  /** What the server asked for is waited for in any case; a hint ends the rest. */
  async #pause(error: ParleyError, { backoffMs, atLeastMs }: { backoffMs: number; atLeastMs: number }): Promise<void> {
    this.#options.onStateChanged(this.#state, error, atLeastMs + backoffMs);
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const life = this.#ending;
    try {
      await sleep(atLeastMs, life);
      await Promise.race([sleep(backoffMs, life), woken]);
    } catch {
      return;
    }
    this.#options.onStateChanged(this.#state, error, undefined);
  }

  #finish(error: ParleyError | undefined): void {
    this.#state = 'closed';
    this.#closedBy = error ?? sdkError('CLIENT_CLOSED');
    this.#firstConnected.reject(this.#closedBy);
    this.#tellChanged();
    this.#options.onStateChanged('closed', error, undefined);
  }
}
