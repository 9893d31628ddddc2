import type { MethodName, Methods, RoomOptionsInit, RoomSnapshot } from '../../proto/gen/types.ts';
import { fullJitterMs } from './backoff.ts';
import type { CallOptions } from './calls.ts';
import { maxHops, nodeIn } from './elsewhere.ts';
import { type ParleyError, sdkError, toParleyError } from './errors.ts';
import { Lifetime } from './lifetime.ts';
import { directCapability } from './media/direct/room-direct.ts';
import { judgeRejoin } from './rejoin-policy.ts';
import type { RoomCalls, RoomMethod } from './room-calls.ts';
import type { Session } from './session.ts';
import type { ClientTiming } from './timing.ts';
import { createDeferred, during, sleep } from './waiting.ts';

export interface MembershipParts {
  readonly room: string;
  readonly options: RoomOptionsInit | undefined;
  /** False: the application rules direct calls out. */
  readonly direct?: boolean | undefined;
  readonly session: Pick<Session, 'call' | 'hint' | 'goTo' | 'whenConnected'>;
  readonly timing: ClientTiming;
  /** Joined again, as a new peer: the session was lost. Called in the order of the connection's frames. */
  onRejoined(snapshot: RoomSnapshot): void;
  /** The room does not let the caller in again. */
  onRefused(error: ParleyError): void;
}

/**
 * Tries that the server refused without saying when to come back. With the default times about a minute: longer than a server
 * remembers a lost session.
 */
const maxRejoinTries = 10;

/**
 * A client's place in one room. `joined`: calls go through. `away`: the connection is lost. `rejoining`: there is a
 * connection again, but the session was lost, and the room is joined anew. `left` is for good.
 */
export class Membership implements RoomCalls {
  readonly #parts: MembershipParts;
  #state: 'joined' | 'away' | 'rejoining' | 'left' = 'joined';
  #joinedAgain = createDeferred<void>();
  /** How often it was sent on to another node since it was in the room last. */
  #hops = 0;
  /** Ends when the present connection is lost, or the room left. */
  #connection = new Lifetime();

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  get hasLeft(): boolean {
    return this.#state === 'left';
  }

  get isJoined(): boolean {
    return this.#state === 'joined';
  }

  /** Ends when the present connection is lost, or the room left. */
  get connectionLife(): Lifetime {
    return this.#connection;
  }

  call<M extends RoomMethod, T = Methods[M]['response']>(
    method: M,
    params: Omit<Methods[M]['init'], 'room'>,
    options?: CallOptions<M, T>,
  ): Promise<T> {
    if (this.#state === 'left') return Promise.reject(sdkError('NOT_IN_ROOM'));
    if (this.#state !== 'joined') return Promise.reject(sdkError('NOT_CONNECTED'));
    const request = { ...params, room: this.#parts.room } as Methods[MethodName]['init'] as Methods[M]['init'];
    return this.#parts.session.call(method, request, options);
  }

  async whenJoined(life: Lifetime): Promise<void> {
    while (this.#state !== 'joined') await during(life, this.#joinedAgain.promise);
  }

  connectionLost(): void {
    if (this.#state === 'left') return;
    this.#state = 'away';
    this.#connection.end();
    this.#connection = new Lifetime();
  }

  /** The session goes on, and the caller is in the room as before. */
  resumed(): void {
    this.#enter();
  }

  /** There is a connection, but the server does not have the caller in the room any more. */
  async rejoin(): Promise<void> {
    if (this.#state === 'left') return;
    this.#state = 'rejoining';
    const life = this.#connection;
    let counted = 0;
    for (let tries = 1; !life.ended; tries += 1) {
      try {
        await this.#tryJoin(life);
        return;
      } catch (thrown) {
        if (life.ended) return;
        const error = toParleyError(thrown, 'CONNECTION_LOST');
        const url = nodeIn(error);
        if (url !== undefined && this.#hops < maxHops) {
          this.#hops += 1;
          // It is joined there, once there is a connection.
          this.#parts.session.goTo(url).catch(() => {});
          return;
        }
        const verdict = judgeRejoin(error);
        if (verdict === 'counts') counted += 1;
        if (verdict === 'final' || counted >= maxRejoinTries) return this.#parts.onRefused(error);
        await this.#beforeNextTry(error, tries, life);
      }
    }
  }

  leave(): void {
    this.#state = 'left';
    this.#connection.end();
  }

  #tryJoin(life: Lifetime): Promise<void> {
    const { session, room, options, direct, onRejoined } = this.#parts;
    const apply = (snapshot: RoomSnapshot) => {
      if (!life.ended) {
        this.#enter();
        onRejoined(snapshot);
      } else if (this.#state === 'left') {
        // Left while the call was on its way.
        session.call('room.leave', { room }).catch(() => {});
      }
    };
    const hops = this.#hops;
    return session.call('room.join', { room, options, hops, ...directCapability(direct) }, { apply });
  }

  async #beforeNextTry(error: ParleyError, tries: number, life: Lifetime): Promise<void> {
    const { session, room, timing } = this.#parts;
    // An earlier try was carried out and its answer came too late: its snapshot is lost, so the next one starts clean.
    if (error.reason === 'ALREADY_IN_ROOM') await session.call('room.leave', { room }).catch(() => {});
    const delayMs = (error.retryAfterMs ?? 0) + fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
    await sleep(delayMs, life).catch(() => {});
  }

  #enter(): void {
    this.#state = 'joined';
    this.#hops = 0;
    this.#joinedAgain.resolve();
    this.#joinedAgain = createDeferred();
  }
}
