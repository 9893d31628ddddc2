// Who owns a room, and which nodes are in it: a hash in Redis for each room, and scripts that change it in one step.

import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { Life, RoomOwnerEvents, RoomOwners, RoomPlace, SeenOwner } from '../directory.ts';
import { StoreError } from '../room-log.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import type { Reply } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import type { MessageListener, Subscriber } from './subscriber.ts';
import { roomChannel, tagOf } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisRoomOwnersParts {
  readonly link: RedisLink;
  readonly subscriber: Subscriber;
  readonly prefix: string;
  /** Of this node, now. */
  readonly life: () => Life;
  readonly log: Logger;
}

const maxControlBytes = 64 * 1024;

export class RedisRoomOwners implements RoomOwners {
  readonly #parts: RedisRoomOwnersParts;
  readonly #events: Emitter<RoomOwnerEvents>;
  /** How to stop hearing of each room that this node is in. */
  readonly #heard = new Map<string, () => void>();

  constructor(parts: RedisRoomOwnersParts) {
    this.#parts = parts;
    this.#events = new Emitter((error) => parts.log.error({ err: error }, 'a listener of the owners failed'));
  }

  get events(): Listening<RoomOwnerEvents> {
    return this.#events;
  }

  async enter(room: string, options: string, seen?: SeenOwner): Promise<RoomPlace> {
    const wasHeard = this.#heard.has(room);
    // Before: what changes from the answer on is heard of.
    if (!wasHeard) await this.#listen(room);
    try {
      const args = [this.#parts.life(), options, seen?.owner ?? '', seen?.term ?? 0];
      return readPlace(await this.#run('enter', room, args));
    } catch (error) {
      if (!wasHeard) this.#unlisten(room);
      throw error;
    }
  }

  async leave(room: string): Promise<void> {
    this.#unlisten(room);
    await this.#run('leave', room, [this.#parts.life()]);
  }

  async claim(room: string, seenTerm: number): Promise<RoomPlace> {
    return readPlace(await this.#run('claim', room, [this.#parts.life(), seenTerm]));
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
      const place = readPlace(JSON.parse(message.subarray(4).toString()) as Reply);
      this.#events.emit('ownerChanged', { room, place });
    } catch (error) {
      this.#parts.log.warn({ err: error, room }, 'a change of the owner cannot be read');
    }
  }
}

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
