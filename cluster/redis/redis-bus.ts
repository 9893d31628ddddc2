// Frames on channels of Redis. A room's channel carries pushes of the room's log and changes of its owner as well: a frame
// begins with `1 f `.

import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { type Bus, type BusEvents, type Channel, maxFrameBytes } from '../bus.ts';
import { StoreError } from '../room-log.ts';
import type { RedisLink } from './redis-link.ts';
import type { Subscriber } from './subscriber.ts';
import { nodesKey, roomChannel } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisBusParts {
  readonly link: RedisLink;
  /** Who opened them closes them, after the bus. */
  readonly subscriber: Subscriber;
  readonly prefix: string;
  readonly log: Logger;
}

const mark = Buffer.from('1 f ');

export class RedisBus implements Bus {
  readonly #parts: RedisBusParts;
  readonly #events: Emitter<BusEvents>;
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(parts: RedisBusParts) {
    this.#parts = parts;
    const { log, subscriber } = parts;
    this.#events = new Emitter((error) => log.error({ err: error }, 'a listener of the bus failed'));
    this.#ends.add(subscriber.events.on('interrupted', () => this.#events.emit('interrupted', {})));
    this.#ends.add(subscriber.events.on('restored', () => this.#events.emit('restored', {})));
  }

  get events(): Listening<BusEvents> {
    return this.#events;
  }

  async publish(channel: Channel, frame: Uint8Array): Promise<void> {
    this.#requireOpen();
    if (frame.length > maxFrameBytes) throw new StoreError('corrupt', 'The frame is too large.');
    const name = this.#nameOf(channel);
    try {
      await this.#parts.link.call(name, 'publish', [name, Buffer.concat([mark, frame])]);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async subscribe(channel: Channel, listener: (frame: Uint8Array) => void): Promise<() => void> {
    this.#requireOpen();
    let end: () => void;
    try {
      end = await this.#parts.subscriber.subscribe(this.#nameOf(channel), (message) => {
        if (isFrame(message)) listener(message.subarray(mark.length));
      });
    } catch (error) {
      throw toStoreError(error);
    }
    const leave = () => {
      if (this.#ends.delete(leave)) end();
    };
    this.#ends.add(leave);
    if (this.#closed) leave();
    return leave;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
    this.#ends.clear();
  }

  #requireOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'The bus is closed.');
  }

  #nameOf(channel: Channel): string {
    const { prefix } = this.#parts;
    switch (channel.to) {
      case 'nodes':
        return nodesKey(prefix, 'ch');
      case 'node':
        return `${nodesKey(prefix, 'ch')}:${channel.life}`;
      case 'room':
        return roomChannel(prefix, channel.room);
    }
  }
}

const isFrame = (message: Buffer): boolean =>
  message.length >= mark.length && mark.compare(message, 0, mark.length) === 0;
