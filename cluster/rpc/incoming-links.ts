import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Clock, Timer } from '../../core/clock.ts';
import type { LinkFrame } from '../../proto/gen/node-types.ts';
import { encodeNodeMessage, readNodeMessage } from '../../proto/node-messages.ts';
import type { Life } from '../directory.ts';
import type { LinkTiming } from './link-timing.ts';

type LinkCall = ServerDuplexStream<Buffer, Buffer>;

interface IncomingLinksParts {
  readonly clock: Clock;
  readonly timing: LinkTiming;
  readonly onFrame: (from: Life, frame: LinkFrame) => void;
  /** What came was no frame. */
  readonly onGarbage: (from: Life) => void;
}

interface IncomingLink {
  readonly call: LinkCall;
  silentBeats: number;
  timer: Timer | undefined;
}

/** Links that other nodes have opened, one from each: another one of the same takes its place. */
export class IncomingLinks {
  readonly #parts: IncomingLinksParts;
  readonly #byLife = new Map<Life, IncomingLink>();

  constructor(parts: IncomingLinksParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byLife.size;
  }

  take(from: Life, call: LinkCall): void {
    this.end(from);
    const link: IncomingLink = { call, silentBeats: 0, timer: undefined };
    this.#byLife.set(from, link);
    this.#beat(from, link);
    const isCurrent = () => this.#byLife.get(from) === link;
    call.on('data', (bytes: Buffer) => {
      if (!isCurrent()) return;
      link.silentBeats = 0;
      this.#read(from, call, bytes);
    });
    const gone = () => {
      if (isCurrent()) this.end(from);
    };
    call.on('end', gone);
    call.on('cancelled', gone);
    call.on('error', gone);
  }

  /** Of a life that has ended, or of a node that says nothing. */
  end(from: Life): void {
    const link = this.#byLife.get(from);
    if (link === undefined) return;
    this.#byLife.delete(from);
    link.timer?.cancel();
    link.call.end();
  }

  close(): void {
    for (const from of [...this.#byLife.keys()]) this.end(from);
  }

  #beat(from: Life, link: IncomingLink): void {
    const { clock, timing } = this.#parts;
    link.timer = clock.after(timing.beatMs, () => {
      link.silentBeats += 1;
      if (link.silentBeats > timing.silentBeats) {
        this.end(from);
        return;
      }
      // By itself too: an answer comes behind whatever waits on the way here.
      say(link.call, 0);
      this.#beat(from, link);
    });
  }

  #read(from: Life, call: LinkCall, bytes: Buffer): void {
    let frame: LinkFrame;
    try {
      frame = readNodeMessage('LinkFrame', bytes);
    } catch {
      this.#parts.onGarbage(from);
      return;
    }
    if (frame.keepAlive === undefined) {
      this.#parts.onFrame(from, frame);
      return;
    }
    say(call, frame.keepAlive.seq);
  }
}

function say(call: LinkCall, echo: number): void {
  call.write(Buffer.from(encodeNodeMessage('LinkFrame', { room: '', keepAlive: { seq: 0, echo } })));
}
