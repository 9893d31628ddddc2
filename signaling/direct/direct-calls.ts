import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Peer } from '../peer.ts';
import type { Room } from '../room.ts';
import { RoomDirect } from './room-direct.ts';

export interface DirectStats {
  /** Rooms whose two people send to each other now. */
  readonly calls: number;
  /** Since the start: ways that were looked for, and that were found. */
  readonly tried: number;
  readonly connected: number;
}

/** The rooms of this node whose people may send to each other. */
export class DirectCalls {
  readonly #parts: { readonly clock: Clock; readonly log: Logger };
  /** Those with the policy `auto`. */
  readonly #byRoom = new Map<Room, RoomDirect>();
  #calls = 0;
  #tried = 0;
  #connected = 0;
  #draining = false;

  constructor(parts: { readonly clock: Clock; readonly log: Logger }) {
    this.#parts = parts;
  }

  opened(room: Room): void {
    if (room.direct !== 'auto') return;
    const { clock, log } = this.#parts;
    const direct = new RoomDirect({
      room,
      clock,
      log: log.child({ room: room.name }),
      isDraining: () => this.#draining,
      onChanged: (phase, before) => {
        if (phase === 'trying') this.#tried += 1;
        if (phase === 'direct') this.#connected += 1;
        this.#calls += Number(phase === 'direct') - Number(before === 'direct');
      },
    });
    this.#byRoom.set(room, direct);
  }

  joined(peer: Peer): void {
    this.#byRoom.get(peer.room)?.joined(peer);
  }

  left(peer: Peer): void {
    this.#byRoom.get(peer.room)?.look();
  }

  closed(room: Room): void {
    const direct = this.#byRoom.get(room);
    if (direct?.phase === 'direct') this.#calls -= 1;
    direct?.close();
    this.#byRoom.delete(room);
  }

  /** @throws {AppError} DIRECT_NOT_POSSIBLE */
  require(room: Room): RoomDirect {
    const direct = this.#byRoom.get(room);
    if (!direct) throw new AppError('DIRECT_NOT_POSSIBLE', { problem: 'it always goes through the server' });
    return direct;
  }

  usesSdp(peer: Peer): void {
    this.#byRoom.get(peer.room)?.usesSdp(peer);
  }

  /** For a recording; see {@link RoomDirect.keepAtServer}. */
  async keepAtServer(room: Room): Promise<() => void> {
    return (await this.#byRoom.get(room)?.keepAtServer()) ?? (() => {});
  }

  /** Somebody on another node came or left. */
  membersChanged(room: Room): void {
    this.#byRoom.get(room)?.look();
  }

  /** What was recorded may be recorded no more. */
  recordingChanged(room: Room): void {
    this.#byRoom.get(room)?.look();
  }

  /** No new try begins. What is direct already goes on for as long as its people are there. */
  drain(): void {
    this.#draining = true;
    for (const direct of this.#byRoom.values()) direct.look();
  }

  stats(): DirectStats {
    return { calls: this.#calls, tried: this.#tried, connected: this.#connected };
  }
}
