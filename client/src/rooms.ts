import type { ConnectResponse } from '../../proto/gen/types.ts';
import type { JoinOptions } from './api.ts';
import { requireCursor, requireText } from './arguments.ts';
import { LogSyncer } from './chat/log-syncer.ts';
import type { Outbox } from './chat/outbox.ts';
import type { ServerEvent } from './codec/codec.ts';
import { maxHops, nodeIn, wasMoving } from './elsewhere.ts';
import { ParleyError, sdkError } from './errors.ts';
import { directCapability } from './media/direct/room-direct.ts';
import { Limiter } from './media/limiter.ts';
import { JoinedRoom, type JoinedRoomParts } from './room.ts';

interface RoomsParts
  extends Pick<JoinedRoomParts, 'session' | 'timing' | 'devices' | 'autoSubscribe' | 'e2ee' | 'direct'> {
  readonly outbox: Outbox;
  readonly identity: () => string | undefined;
}

/** The rooms of a client, at most as many as the server allows a session. */
export class Rooms {
  readonly #parts: RoomsParts;
  /** One page at a time: those of all rooms at once, after a resume, may be more than the server keeps for a reader. */
  readonly #pageLimiter = new Limiter(1);
  readonly #syncer: LogSyncer;
  readonly #rooms = new Map<string, JoinedRoom>();
  /** Being joined right now. */
  readonly #joining = new Set<string>();

  constructor(parts: RoomsParts) {
    this.#parts = parts;
    this.#syncer = new LogSyncer(parts.session, parts.timing);
  }

  /** @throws {ParleyError} what the server refuses it with, or ALREADY_IN_ROOM. */
  async join(room: string, { cursor, ...given }: JoinOptions = {}): Promise<JoinedRoom> {
    requireText('room', room);
    if (cursor !== undefined) requireCursor(cursor);
    if (this.#rooms.has(room) || this.#joining.has(room)) throw sdkError('ALREADY_IN_ROOM');
    this.#joining.add(room);
    try {
      return await this.#joinAnywhere(room, { cursor, ...given });
    } catch (error) {
      if (error instanceof ParleyError && error.reason === 'CALL_TIMEOUT') this.#leaveUnseen(room);
      throw error;
    } finally {
      this.#joining.delete(room);
    }
  }

  find(room: string): JoinedRoom | undefined {
    return this.#rooms.get(room);
  }

  /** Where the client is, and as whom: another node brings it back there. */
  standing(): { room: string; peerId: string }[] {
    return [...this.#rooms.values()].map(({ name, peerId }) => ({ room: name, peerId }));
  }

  connected({ resumed, rooms }: ConnectResponse, { hasMoved = false } = {}): void {
    const snapshots = new Map(resumed ? rooms.map((snapshot) => [snapshot.room, snapshot]) : []);
    for (const room of [...this.#rooms.values()]) room.connectionBack(snapshots.get(room.name), { hasMoved });
    for (const name of snapshots.keys()) {
      // Joined or left by a call whose answer was lost with its connection.
      if (!this.#rooms.has(name)) this.#leaveUnseen(name);
    }
  }

  /** Another node has the session: the connection is another one, and what flows by way of the old node does so for a moment. */
  moved(response: ConnectResponse): void {
    this.disconnected();
    this.connected(response, { hasMoved: true });
  }

  disconnected(): void {
    this.#syncer.connectionLost();
    for (const room of this.#rooms.values()) room.connectionLost();
  }

  receive(event: ServerEvent): void {
    if ('room' in event.payload) this.#rooms.get(event.payload.room)?.receive(event);
  }

  /** Media is moved to another network without waiting until the last one is found silent. */
  networkChanged(): void {
    for (const room of this.#rooms.values()) room.networkChanged();
  }

  /** The session is over, and not by the application. */
  sessionEnded(error: ParleyError): void {
    for (const room of [...this.#rooms.values()]) room.sessionEnded(error);
  }

  async leaveAll(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.leave()));
  }

  /** At the node that is to serve it. */
  async #joinAnywhere(room: string, how: JoinOptions): Promise<JoinedRoom> {
    const { session } = this.#parts;
    for (let hops = 0, moves = 0; ; ) {
      try {
        return await this.#joinHere(room, how, hops);
      } catch (error) {
        const url = nodeIn(error);
        if (url !== undefined && hops < maxHops) {
          hops += 1;
          await session.goTo(url);
        } else if (wasMoving(error) && moves < maxHops) {
          moves += 1;
          await session.whenConnected();
        } else {
          throw error;
        }
      }
    }
  }

  #joinHere(room: string, { cursor, ...given }: JoinOptions, hops: number): Promise<JoinedRoom> {
    const options = Object.keys(given).length > 0 ? given : undefined;
    const { identity, outbox } = this.#parts;
    return this.#parts.session.call(
      'room.join',
      { room, options, hops, ...directCapability(this.#parts.direct) },
      {
        apply: (snapshot) => {
          // Nothing of it is used: what would be sent could be read.
          if (given.e2ee && !snapshot.options.e2ee) {
            this.#leaveUnseen(room);
            throw sdkError('E2EE_NOT_OFFERED');
          }
          const joined = new JoinedRoom(snapshot, {
            ...this.#parts,
            pageLimiter: this.#pageLimiter,
            chat: { syncer: this.#syncer, queue: outbox.room(room), identity, cursor },
            room,
            options,
            onLeft: () => this.#rooms.delete(room),
          });
          this.#rooms.set(room, joined);
          return joined;
        },
      },
    );
  }

  #leaveUnseen(room: string): void {
    this.#parts.session.call('room.leave', { room }).catch(() => {});
  }
}
