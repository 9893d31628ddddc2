// Frames on channels of Redis. A room's channel carries pushes of the room's log and changes of its owner as well: a frame
// begins with `1 f `, its sender and its number.

import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { type Bus, type BusEvents, type Channel, maxFrameBytes } from '../bus.ts';
import { StoreError } from '../room-log.ts';
import { FrameOrder, FrameWriter } from './frame-order.ts';
import type { RedisLink } from './redis-link.ts';
import type { Channels } from './subscriber.ts';
import { nodesKey, roomChannel } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisBusParts {
  readonly link: RedisLink;
  /** Who opened them closes them, after the bus. */
  readonly subscriber: Channels;
  readonly prefix: string;
  readonly log: Logger;
}

export class RedisBus implements Bus {
  readonly #parts: RedisBusParts;
  readonly #events: Emitter<BusEvents>;
  readonly #ends = new Set<() => void>();
  readonly #frames = new FrameWriter();
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
      const { link } = this.#parts;
      await link.call(name, link.sharded ? 'spublish' : 'publish', [name, this.#frames.write(frame)]);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async subscribe(channel: Channel, listener: (frame: Uint8Array) => void): Promise<() => void> {
    this.#requireOpen();
    let end: () => void;
    const order = new FrameOrder();
    try {
      end = await this.#parts.subscriber.subscribe(this.#nameOf(channel), (message) => {
        const frame = order.read(message);
        if (frame) listener(frame);
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
