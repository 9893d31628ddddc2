import { type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import type { Clock, Timer } from '../../core/clock.ts';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { nodeDescriptors } from '../../proto/gen/node-descriptors.ts';
import type { LinkFrame } from '../../proto/gen/node-types.ts';
import { encodeNodeMessage, readNodeMessage } from '../../proto/node-messages.ts';
import type { Life } from '../directory.ts';
import { type LinkState, maxLinkFrameBytes, type NodeLink, type NodeLinkEvents } from '../node-calls.ts';
import { asBytes } from './channel.ts';
import type { LinkTiming } from './link-timing.ts';
import type { NodeChannel } from './node-channel.ts';

const maxReliableBytes = 1024 * 1024;
const maxLossyBytes = 256 * 1024;

export interface LinkCounts {
  /** Times that a link was tried to open. */
  tried: number;
  /** Frames that were dropped because too many waited, or because they were too large. */
  dropped: number;
  /** Links that were up and are not any more. */
  lost: number;
}

interface OutgoingLinkParts {
  readonly to: Life;
  readonly timing: LinkTiming;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counts: LinkCounts;
  /** Of its own: what waits here keeps no call waiting. */
  readonly channel: NodeChannel;
  readonly sign: (path: string) => string;
}

/** One stream at a time, and its beats: nothing else tells of a process that was stopped. */
export class OutgoingLink implements NodeLink {
  readonly events: Emitter<NodeLinkEvents>;
  readonly #parts: OutgoingLinkParts;
  #state: LinkState = 'opening';
  #stream: ClientDuplexStream<Buffer, Buffer> | undefined;
  #timer: Timer | undefined;
  #waitingBytes = 0;
  #beats = 0;
  #silentBeats = 0;
  #tries = 0;
  #closed = false;

  constructor(parts: OutgoingLinkParts) {
    this.#parts = parts;
    this.events = new Emitter((error, event) =>
      parts.log.error({ err: error, event, to: parts.to }, 'a listener of a link failed'),
    );
    this.#open();
  }

  get to(): Life {
    return this.#parts.to;
  }

  get state(): LinkState {
    return this.#state;
  }

  send(frame: LinkFrame, how: 'reliable' | 'lossy'): boolean {
    if (this.#state !== 'up' || this.#stream === undefined) return false;
    const bytes = encodeNodeMessage('LinkFrame', frame);
    const isTooLarge = bytes.byteLength > maxLinkFrameBytes;
    const limit = how === 'reliable' ? maxReliableBytes : maxLossyBytes;
    if (!isTooLarge && this.#waitingBytes + bytes.byteLength <= limit) {
      this.#write(bytes);
      return true;
    }
    this.#parts.counts.dropped += 1;
    if (how === 'reliable' && !isTooLarge) this.#down('too much waits to be sent', this.#stream);
    return false;
  }

  /** As if it had broken: it is made anew, and signed by whoever this node is now. */
  reset(): void {
    if (this.#stream) this.#down('this node has another life', this.#stream);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end();
    this.#parts.channel.close();
    this.#setState('down');
  }

  #open(): void {
    const { channel, counts, sign } = this.#parts;
    counts.tried += 1;
    const { path } = nodeDescriptors.methods.link;
    const metadata = new Metadata();
    metadata.set('authorization', sign(path));
    const stream = channel.get().makeBidiStreamRequest(path, asBytes, asBytes, metadata);
    this.#stream = stream;
    this.#waitingBytes = 0;
    this.#silentBeats = 0;
    stream.on('data', (bytes: Buffer) => this.#heard(bytes, stream));
    stream.on('error', (error: Error) => this.#down(error.message, stream));
    stream.on('end', () => this.#down('the other node ended it', stream));
    this.#beat(stream);
  }

  #beat(stream: ClientDuplexStream<Buffer, Buffer>): void {
    const { clock, timing } = this.#parts;
    if (this.#silentBeats >= timing.silentBeats) {
      this.#down('nothing was heard', stream);
      return;
    }
    this.#silentBeats += 1;
    this.#beats += 1;
    this.#write(encodeNodeMessage('LinkFrame', { room: '', keepAlive: { seq: this.#beats, echo: 0 } }));
    this.#timer = clock.after(timing.beatMs, () => this.#beat(stream));
  }

  #write(bytes: Uint8Array): void {
    this.#waitingBytes += bytes.byteLength;
    const stream = this.#stream;
    stream?.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), () => {
      if (stream === this.#stream) this.#waitingBytes -= bytes.byteLength;
    });
  }

  #heard(bytes: Buffer, stream: ClientDuplexStream<Buffer, Buffer>): void {
    if (stream !== this.#stream) return;
    try {
      if (readNodeMessage('LinkFrame', bytes).keepAlive === undefined) return;
    } catch {
      this.#down('what came was no frame', stream);
      return;
    }
    this.#silentBeats = 0;
    this.#tries = 0;
    this.#setState('up');
  }

  #down(why: string, stream: ClientDuplexStream<Buffer, Buffer>): void {
    // An end comes with an error, and both of a stream that was given up before.
    if (this.#closed || stream !== this.#stream) return;
    const { clock, counts, log, timing, to } = this.#parts;
    if (this.#state === 'up') {
      counts.lost += 1;
      log.warn({ to, why }, 'the link to another node was lost');
    }
    this.#end();
    this.#parts.channel.discard();
    const delayMs = Math.min(timing.retryMs.first * 2 ** this.#tries, timing.retryMs.last);
    this.#tries += 1;
    this.#timer = clock.after(delayMs * (0.7 + 0.6 * Math.random()), () => this.#open());
    this.#setState('down');
  }

  #end(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#timer?.cancel();
    stream?.cancel();
  }

  #setState(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.events.emit('stateChanged', { state });
  }
}
