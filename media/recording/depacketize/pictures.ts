import type { OrderedPacket } from '../reorder.ts';
import type { Frame } from './frame.ts';

/** How pictures of one codec lie in packets. */
export interface PictureCodec {
  /** Whether a payload is the first of a picture, as far as it tells itself. `lost`: packets before it are missing. */
  begins(payload: Buffer, lost: boolean): boolean;
  /** Puts the payloads of a whole picture together; undefined when they are not one. */
  join(payloads: readonly Buffer[]): Omit<Frame, 'timestamp'> | undefined;
}

/** 5 MB in packets as they are on the internet. A picture that has more is dropped. */
const maxPackets = 4_096;

/** Collects the packets of each picture, from the first to the marked one; a picture that misses any is dropped. */
export class Pictures {
  readonly #codec: PictureCodec;
  #timestamp: number | undefined;
  /** Undefined while what comes is of no use. */
  #payloads: Buffer[] | undefined;

  constructor(codec: PictureCodec) {
    this.#codec = codec;
  }

  push({ packet, lost }: OrderedPacket): Frame | undefined {
    const { payload, timestamp, marker } = packet;
    // Padding, with which a sender tries what the path carries.
    if (payload.length === 0) return undefined;
    const isOther = timestamp !== this.#timestamp;
    this.#timestamp = timestamp;
    if (lost > 0 || isOther || this.#payloads === undefined) {
      this.#payloads = this.#codec.begins(payload, lost > 0) && (isOther || lost > 0) ? [] : undefined;
    }
    if (this.#payloads === undefined) return undefined;
    this.#payloads.push(payload);
    if (this.#payloads.length > maxPackets) this.#payloads = undefined;
    if (!marker || this.#payloads === undefined) return undefined;
    const frame = this.#codec.join(this.#payloads);
    this.#payloads = undefined;
    return frame && { ...frame, timestamp };
  }
}
