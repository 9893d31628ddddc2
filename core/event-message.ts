// An event on its way to clients: encoded once per codec, however many connections it goes to.

import type { DeliveryClass } from '../proto/descriptor-types.ts';
import { descriptors } from '../proto/gen/descriptors.ts';
import type { EventName, Events } from '../proto/gen/types.ts';

/** One WebSocket message: text or binary. */
export type Frame = string | Uint8Array;

/**
 * Turns an event into WebSocket messages: one, or none or several where the protocol is not ours (plain chat).
 * One instance per subprotocol; its identity is the cache's key.
 */
export interface EventCodec {
  encodeEvent<Name extends EventName>(name: Name, payload: Events[Name]): readonly Frame[];
}

export class EventMessage<Name extends EventName = EventName> {
  readonly name: Name;
  readonly payload: Events[Name];
  /** The codec that asked first, and what it made. */
  #codec: EventCodec | undefined;
  #frames: readonly Frame[] = [];
  /** Made for events that are heard in several subprotocols: most are not. */
  #others: Map<EventCodec, readonly Frame[]> | undefined;

  constructor(name: Name, payload: Events[Name]) {
    this.name = name;
    this.payload = payload;
  }

  /** How it is treated when its reader is slow. */
  get delivery(): DeliveryClass {
    return descriptors.events[this.name].delivery;
  }

  encodedBy(codec: EventCodec): readonly Frame[] {
    if (codec === this.#codec) return this.#frames;
    const known = this.#others?.get(codec);
    if (known !== undefined) return known;
    const frames = codec.encodeEvent(this.name, this.payload);
    if (this.#codec === undefined) {
      this.#codec = codec;
      this.#frames = frames;
    } else {
      this.#others ??= new Map();
      this.#others.set(codec, frames);
    }
    return frames;
  }
}
