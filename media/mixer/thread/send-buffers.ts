import { audioLevelBytes } from '../rtp/header-extensions.ts';
import { fixedHeaderBytes } from '../rtp/rtp-packet.ts';
import { srtcpRoomBytes } from '../rtp/srtp-context.ts';

/** RTP of 120 ms of G.711 with its header, or one Opus packet of 1,275 bytes, with SRTP's tag. */
export const maxPacketBytes = 1500;
/** Of a packet that is passed on, with another header and SRTP's tag. What is longer comes in pieces, and is no voice. */
export const maxPayloadBytes = maxPacketBytes - fixedHeaderBytes - audioLevelBytes - srtcpRoomBytes;
/** A packet that the system does not take at once waits in its buffer: so many may wait in a thread. */
const count = 1024;

/** Buffers for packets that are sent, used in turn: nothing is left behind for the garbage collector. */
export class SendBuffers {
  readonly #buffers: readonly Buffer[];
  #next = 0;

  constructor() {
    const whole = Buffer.allocUnsafeSlow(count * maxPacketBytes);
    this.#buffers = Array.from({ length: count }, (_, index) =>
      whole.subarray(index * maxPacketBytes, (index + 1) * maxPacketBytes),
    );
  }

  take(): Buffer {
    this.#next = (this.#next + 1) % count;
    return this.#buffers[this.#next] as Buffer;
  }
}
