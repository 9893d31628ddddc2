// The order of frames of one sender: a Redis that stood still carries out what lies in its sockets, so that a frame whose fate was
// unknown can come behind later ones, which took another connection. It is too late then.

import { createEpoch } from '../epochs.ts';

const mark = Buffer.from('1 f ');
const senderBytes = 12;
/** Up to 2^48 frames. */
const numberBytes = 6;
const headBytes = mark.length + senderBytes + numberBytes;
/** Of one channel: nodes, and those that were there before them. */
const maxSenders = 256;

export class FrameWriter {
  readonly #sender = Buffer.from(createEpoch().padEnd(senderBytes).slice(0, senderBytes), 'latin1');
  #number = 0;

  write(frame: Uint8Array): Buffer {
    const message = Buffer.allocUnsafe(headBytes + frame.length);
    mark.copy(message);
    this.#sender.copy(message, mark.length);
    message.writeUIntBE(++this.#number, mark.length + senderBytes, numberBytes);
    message.set(frame, headBytes);
    return message;
  }
}

/** Of one subscription. */
export class FrameOrder {
  readonly #newest = new Map<string, number>();

  /** Nothing when it is no frame, or was overtaken by another one of its sender. */
  read(message: Buffer): Buffer | undefined {
    if (message.length < headBytes || mark.compare(message, 0, mark.length) !== 0) return undefined;
    const sender = message.toString('latin1', mark.length, mark.length + senderBytes);
    const number = message.readUIntBE(mark.length + senderBytes, numberBytes);
    const newest = this.#newest.get(sender);
    if (newest !== undefined && number <= newest) return undefined;
    if (newest === undefined && this.#newest.size >= maxSenders) {
      const [oldest = ''] = this.#newest.keys();
      this.#newest.delete(oldest);
    }
    this.#newest.set(sender, number);
    return message.subarray(headBytes);
  }
}
