import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../core/clock.ts';
import { FrameReader, longestFrame, writeFrame } from './frame-reader.ts';
import { reply } from './tokens.ts';

/** Bytes that wait to be written to an application; beyond it, it does not read, and is closed. */
const mostWaiting = 4_194_304;
/** Of one that has not said the secret: it holds a place that others wait for. */
const strangerMs = 10_000;
const longestOfStrangers = 1_024;
/** To read what was said last, before the connection is cut. */
const farewellMs = 1_000;
/** Methods and kinds of records: more of them than there are is somebody who fills memory. */
const mostVerbs = 64;

export interface AppUser {
  /** The secret was right. What it is answered. */
  welcome(): string;
  /** A frame that is neither about the connection nor about routes: its id, its other tokens, and the message behind them. */
  frame(app: AppConnection, id: string, tokens: readonly string[], message: string): void;
  gone(app: AppConnection): void;
}

/** One application: nothing that it says is obeyed before it has said the secret. */
export class AppConnection {
  /** Its end, with nothing left that waits. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #secret: string;
  readonly #clock: Clock;
  readonly #user: AppUser;
  readonly #reader = new FrameReader();
  readonly #verbs = new Set<string>();
  readonly #stranger: Timer;
  #known = false;
  #farewell: Timer | undefined;

  constructor(socket: Socket, secret: string, clock: Clock, user: AppUser) {
    this.#socket = socket;
    this.#secret = secret;
    this.#clock = clock;
    this.#user = user;
    this.#reader.longest = longestOfStrangers;
    this.#stranger = clock.after(strangerMs, () => socket.destroy());
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#stranger.cancel();
      this.#farewell?.cancel();
      this.#verbs.clear();
      if (this.#known) user.gone(this);
    });
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  get open(): boolean {
    return this.#known && this.#socket.writable;
  }

  /** Whether it wants requests of this method, or records of this kind: `invite`, `cdr:start`. */
  wants(verb: string): boolean {
    return this.open && this.#verbs.has(verb.toLowerCase());
  }

  send(payload: string): void {
    if (!this.#socket.writable) return;
    this.#socket.write(writeFrame(payload));
    if (this.#socket.writableLength > mostWaiting) this.#socket.destroy();
  }

  /** What was written still goes out; nothing is read any more. One that does not read is cut off. */
  close(): void {
    if (this.#farewell !== undefined || this.#socket.destroyed) return;
    this.#farewell = this.#clock.after(farewellMs, () => this.#socket.destroy());
    this.#socket.destroySoon();
  }

  #read(chunk: Buffer): void {
    if (this.#farewell !== undefined) return;
    try {
      for (const payload of this.#reader.push(chunk)) {
        this.#take(payload);
        if (this.#farewell !== undefined) return;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#socket.destroy();
    }
  }

  #take(payload: string): void {
    const end = payload.indexOf('\r\n');
    const [id = '', type = '', ...tokens] = (end < 0 ? payload : payload.slice(0, end)).split('|');
    if (type === 'authenticate') this.#authenticate(id, tokens[0] ?? '');
    else if (!this.#known) this.#refuse(id, 'not authenticated');
    else if (type === 'ping') this.send(reply(id, 'OK|pong'));
    else if (type === 'route') this.#route(id, tokens[0] ?? '');
    else if (type === 'remove_route') {
      this.#verbs.delete((tokens[0] ?? '').toLowerCase());
      this.send(reply(id, 'OK'));
    } else if (type === 'sip' || type === 'proxy') {
      this.#user.frame(this, id, [type, ...tokens], end < 0 ? '' : payload.slice(end + 2));
    } else this.#refuse(id, 'Unknown message type');
  }

  #authenticate(id: string, secret: string): void {
    if (this.#known || !sameSecret(secret, this.#secret)) {
      this.#refuse(id, 'incorrect secret');
      return;
    }
    this.#known = true;
    this.#stranger.cancel();
    this.#reader.longest = longestFrame;
    this.send(reply(id, this.#user.welcome()));
  }

  #route(id: string, verb: string): void {
    if (this.#verbs.size < mostVerbs) this.#verbs.add(verb.toLowerCase());
    this.send(reply(id, 'OK'));
  }

  #refuse(id: string, why: string): void {
    this.send(reply(id, `NO|${why}`));
    this.close();
  }
}

function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
