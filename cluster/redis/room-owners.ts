// Who owns a room, and which nodes are in it: a hash in Redis for each room, and scripts that change it in one step.

import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { LeaseEvents, Life, RoomOwnerEvents, RoomOwners, RoomPlace, SeenOwner } from '../directory.ts';
import { StoreError } from '../room-log.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import type { Reply } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import type { Channels, MessageListener } from './subscriber.ts';
import { roomChannel, roomKey, tagOf } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisRoomOwnersParts {
  readonly link: RedisLink;
  readonly subscriber: Channels;
  readonly prefix: string;
  /** Of this node, now. */
  readonly life: () => Life;
  /** Those of the leases. */
  readonly nodes: Listening<Pick<LeaseEvents, 'reset' | 'reborn'>>;
  /** Told of everybody who is in a room. */
  readonly met: (life: Life) => void;
  readonly log: Logger;
}

const maxControlBytes = 64 * 1024;

export class RedisRoomOwners implements RoomOwners {
  readonly #parts: RedisRoomOwnersParts;
  readonly #events: Emitter<RoomOwnerEvents>;
  /** How to stop hearing of each room that this node is in. */
  readonly #heard = new Map<string, () => void>();
  /** Which this node is not in, though Redis may have it there: an entry or a departure was not answered. */
  readonly #doubtful = new Set<string>();
  readonly #ends: readonly (() => void)[];
  /** Of all terms that were heard of. */
  #highestTerm = 0;
  /** What Redis may have forgotten: who is the first in a room goes beyond it. */
  #floor = 0;

  constructor(parts: RedisRoomOwnersParts) {
    this.#parts = parts;
    this.#events = new Emitter((error) => parts.log.error({ err: error }, 'a listener of the owners failed'));
    const { link, nodes } = parts;
    const mayHaveForgotten = () => {
      this.#floor = this.#highestTerm;
    };
    this.#ends = [
      link.events.on('replaced', mayHaveForgotten),
      nodes.on('reset', mayHaveForgotten),
      // It was taken out of all rooms.
      nodes.on('reborn', () => this.#doubtful.clear()),
      link.events.on('stateChanged', ({ state }) => {
        if (state === 'up') void this.#leaveDoubtful();
      }),
    ];
  }

  get events(): Listening<RoomOwnerEvents> {
    return this.#events;
  }

  async find(room: string): Promise<RoomPlace | undefined> {
    const { link, prefix } = this.#parts;
    const key = roomKey(prefix, 'o', room);
    try {
      // By that name ioredis leaves the reply as it is.
      const reply = await link.call(key, 'HGETALL', [key]);
      return Array.isArray(reply) && reply.length === 0 ? undefined : readPlace(reply);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async enter(room: string, options: string, seen?: SeenOwner): Promise<RoomPlace> {
    const wasHeard = this.#heard.has(room);
    // Before: what changes from the answer on is heard of.
    if (!wasHeard) await this.#listen(room);
    try {
      const args = [this.#parts.life(), options, seen?.owner ?? '', seen?.term ?? 0, this.#floor];
      return this.#took(await this.#run('enter', room, args));
    } catch (error) {
      if (!wasHeard) this.#unlisten(room);
      if (!wasHeard && isUnanswered(error)) this.#doubtful.add(room);
      throw error;
    }
  }

  async leave(room: string): Promise<void> {
    this.#unlisten(room);
    try {
      await this.#run('leave', room, [this.#parts.life()]);
      this.#doubtful.delete(room);
    } catch (error) {
      this.#doubtful.add(room);
      throw error;
    }
  }

  async claim(room: string, seenTerm: number): Promise<RoomPlace> {
    return this.#took(await this.#run('claim', room, [this.#parts.life(), seenTerm]));
  }

  async keepControl(room: string, term: number, control: string): Promise<'kept' | 'not-owner'> {
    if (Buffer.byteLength(control) > maxControlBytes)
      throw new StoreError('corrupt', 'What the owner keeps is too large.');
    return (await this.#run('keep', room, [term, control])) === 1 ? 'kept' : 'not-owner';
  }

  async drop(room: string, dead: Life): Promise<void> {
    await this.#run('leave', room, [dead]);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#doubtful.clear();
    for (const end of this.#heard.values()) end();
    this.#heard.clear();
  }

  async #listen(room: string): Promise<void> {
    const { prefix, subscriber } = this.#parts;
    try {
      const end = await subscriber.subscribe(roomChannel(prefix, room), (message) => this.#hear(room, message));
      // Another call may have been faster.
      this.#heard.get(room)?.();
      this.#heard.set(room, end);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  #unlisten(room: string): void {
    this.#heard.get(room)?.();
    this.#heard.delete(room);
  }

  /** Rooms that it has entered meanwhile it stays in. Those that fail are tried again when Redis is back the next time. */
  async #leaveDoubtful(): Promise<void> {
    for (const room of [...this.#doubtful]) {
      if (this.#heard.has(room) || !this.#doubtful.has(room)) continue;
      try {
        await this.#run('leave', room, [this.#parts.life()]);
        this.#doubtful.delete(room);
      } catch (error) {
        this.#parts.log.debug({ err: error, room }, 'a room is left later');
        return;
      }
    }
  }

  #took(reply: Reply): RoomPlace {
    const place = readPlace(reply);
    this.#highestTerm = Math.max(this.#highestTerm, place.term);
    for (const life of place.nodes) this.#parts.met(life);
    return place;
  }

  async #run(
    name: 'enter' | 'leave' | 'claim' | 'keep',
    room: string,
    args: readonly (string | number)[],
  ): Promise<Reply> {
    const { link, prefix } = this.#parts;
    try {
      const tag = tagOf(room);
      return await runDirectoryScript(link, name, { prefix, tag }, [tag, room, ...args]);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  #hear(room: string, message: Parameters<MessageListener>[0]): void {
    // `1 o ` and the hash as a list. Most of what comes is something else.
    if (message[2] !== 0x6f || message.subarray(0, 4).toString() !== '1 o ') return;
    try {
      const place = this.#took(JSON.parse(message.subarray(4).toString()) as Reply);
      this.#events.emit('ownerChanged', { room, place });
    } catch (error) {
      this.#parts.log.warn({ err: error, room }, 'a change of the owner cannot be read');
    }
  }
}

const isUnanswered = (error: unknown): boolean => error instanceof StoreError && error.kind === 'unknown';

/** @throws {StoreError} unknown, when nobody is in the room; corrupt. */
function readPlace(reply: Reply): RoomPlace {
  if (!Array.isArray(reply)) throw new StoreError('corrupt', 'Redis answered something else than a room.');
  const place = { owner: '', term: 0, options: '', control: '' };
  const nodes: { life: Life; order: number }[] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) {
    const [name, value] = [String(reply[at]), String(reply[at + 1])];
    if (name === 'owner') place.owner = value;
    else if (name === 'term') place.term = Number(value);
    else if (name === 'opts') place.options = value;
    else if (name === 'ctl') place.control = value;
    else if (name.startsWith('n:')) nodes.push({ life: name.slice(2), order: Number(value) });
  }
  if (place.term === 0) throw new StoreError('unknown', 'Nobody is in the room.');
  if (!(place.term > 0) || place.owner === '')
    throw new StoreError('corrupt', 'Redis holds something else than a room.');
  return { ...place, nodes: nodes.sort((one, other) => one.order - other.order).map(({ life }) => life) };
}
