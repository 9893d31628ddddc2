// What goes out on one connection: kept until the turn of the event loop ends, then sent in one write.

import type { Frame } from '../../core/event-message.ts';
import type { Flushable } from './flush-queue.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Socket } from './listener.ts';

/** More than this does not wait for the turn's end. Bounds the queue, and keeps what unsentBytes says near the truth. */
const flushAtBytes = 64 * 1024;
/**
 * More waits for the turn's end however long that takes: until then the engine's shared buffer is taken, and it would be copied
 * into one of the connection's own, which stays as large as that for as long as the connection lives.
 */
const earlyBytes = 1024;
/** Larger messages always wait for the turn's end: the engine had to put them behind what it holds back, in a copy. */
const directBytes = 16 * 1024;
/** RFC 6455 section 5.2: at most ten bytes stand before a message of the server. */
const maxHeaderBytes = 10;

export interface OutboxListeners {
  /** Called once, when slowConsumerBytes are exceeded; it may post last words and end the outbox. */
  onSlow(unsentBytes: number): void;
  /** Called each time after `takesLog` was false: it is true again. */
  onCaughtUp(): void;
}

export class Outbox implements Flushable {
  readonly #context: GatewayContext;
  readonly #isBinary: boolean;
  readonly #listeners: OutboxListeners;
  #socket: Socket | undefined;
  /** Most connections are idle most of the time: no list for nothing. */
  #queue: Frame[] | undefined;
  #queuedBytes = 0;
  /** Asking the socket costs more than counting: it holds no more than this, which was asked for when it grew large. */
  #unsentAtMost = 0;
  #scheduled = false;
  #corked = false;
  /**
   * The engine keeps something. What follows waits here, where the frames are those of all readers: the engine has a copy for
   * each, and a buffer that is never smaller again.
   */
  #held = false;
  #toldSlow = false;
  /** It took no event of the log, and takes none until it has caught up. */
  #refusesLog = false;

  constructor(context: GatewayContext, isBinary: boolean, listeners: OutboxListeners) {
    this.#context = context;
    this.#isBinary = isBinary;
    this.#listeners = listeners;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
  }

  /**
   * While the connection's own message is handled the engine holds its writes back. What is posted meanwhile can go straight
   * to the socket when nothing waits before it: it leaves in one write with the answers to everything that came with it.
   */
  set corked(corked: boolean) {
    this.#corked = corked;
  }

  /** More is unsent than ephemeral events are worth. */
  get isBehind(): boolean {
    const limit = this.#context.options.ephemeralDropBytes;
    return this.#queuedBytes + this.#unsentAtMost > limit && this.#measure() > limit;
  }

  /**
   * Whether events of the log are to be posted. Once they are not, they are not until the reader has caught up: who is at the
   * limit would be switched over with every second event.
   */
  takesLog(): boolean {
    if (this.#refusesLog) return false;
    const limit = this.#context.options.pullBytes;
    if (this.#queuedBytes + this.#unsentAtMost <= limit || this.#measure() <= limit) return true;
    this.#refusesLog = true;
    this.#context.counters.logPulls++;
    return false;
  }

  /** Queued here and kept by the engine. */
  get unsentBytes(): number {
    return this.#measure();
  }

  /** Less is unsent than there was. */
  drained(): void {
    if (this.#held && this.#socket?.unsentBytes() === 0) {
      this.#held = false;
      this.#send();
    }
    if (!this.#refusesLog || this.#measure() > this.#context.options.ephemeralDropBytes) return;
    this.#refusesLog = false;
    this.#listeners.onCaughtUp();
  }

  /** Sends behind everything that was posted before. */
  post(frame: Frame): void {
    const socket = this.#socket;
    if (!socket) return;
    const bytes = sizeOf(frame);
    this.#context.counters.messagesOut++;
    this.#context.counters.bytesOut += bytes;
    if (this.#corked && this.#queue === undefined && !this.#held && bytes < directBytes) {
      this.#held = !socket.send(frame, this.#isBinary);
      this.#unsentAtMost += bytes + maxHeaderBytes;
      this.#look();
      return;
    }
    if (this.#queue === undefined) this.#queue = [frame];
    else this.#queue.push(frame);
    this.#queuedBytes += bytes + maxHeaderBytes;
    if (this.#held) this.#look();
    else if (this.#queuedBytes > flushAtBytes) this.#send();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#context.flushQueue.add(this);
    }
  }

  flush(isEarly: boolean): boolean {
    if (isEarly && this.#queuedBytes > earlyBytes) return false;
    this.#scheduled = false;
    this.#send();
    // The engine tells of what it kept for later; what it took at once is nothing to tell.
    if (this.#refusesLog) this.drained();
    return true;
  }

  /** Sends what waits, and a close frame behind it. */
  end(code: number, reason: string): void {
    const socket = this.#socket;
    if (!socket) return;
    const frames = this.#queue;
    this.discard();
    // All of it, whatever the engine keeps: nobody comes back to it.
    for (let next = 0; frames !== undefined && next < frames.length; ) {
      next = socket.sendAll(frames, this.#isBinary, next);
    }
    socket.end(code, reason);
  }

  /** The socket is gone. */
  discard(): void {
    this.#socket = undefined;
    this.#queue = undefined;
    this.#queuedBytes = 0;
  }

  #send(): void {
    const frames = this.#queue;
    const socket = this.#socket;
    if (frames === undefined || !socket || this.#held) return;
    // One message is one write in any case; holding writes back costs a call into the engine.
    if (frames.length === 1) {
      this.#held = !socket.send(frames[0] as Frame, this.#isBinary);
      this.#sentAll();
    } else {
      const end = socket.sendAll(frames, this.#isBinary);
      // Of the last write some may be kept as well: the next one tells.
      if (end === frames.length) this.#sentAll();
      else {
        this.#held = true;
        for (const frame of frames.splice(0, end)) {
          const bytes = sizeOf(frame) + maxHeaderBytes;
          this.#queuedBytes -= bytes;
          this.#unsentAtMost += bytes;
        }
      }
    }
    this.#look();
  }

  #sentAll(): void {
    this.#queue = undefined;
    this.#unsentAtMost += this.#queuedBytes;
    this.#queuedBytes = 0;
  }

  #look(): void {
    const limit = this.#context.options.slowConsumerBytes;
    if (this.#toldSlow || this.#queuedBytes + this.#unsentAtMost <= limit || this.#measure() <= limit) return;
    this.#toldSlow = true;
    this.#listeners.onSlow(this.#queuedBytes + this.#unsentAtMost);
  }

  #measure(): number {
    this.#unsentAtMost = this.#socket?.unsentBytes() ?? 0;
    return this.#queuedBytes + this.#unsentAtMost;
  }
}

function sizeOf(frame: Frame): number {
  return typeof frame === 'string' ? Buffer.byteLength(frame) : frame.byteLength;
}
