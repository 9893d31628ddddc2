import type { Socket } from 'node:net';
import type { HostPort } from '../messages/parse-host-port.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import type { Flow } from './flow.ts';
import { type TransportLimits, writeCostBytes } from './listen.ts';
import { StreamFramer } from './stream-framer.ts';
import type { TransportUser } from './transport.ts';
import { TransportError } from './transport-error.ts';

const pong = Buffer.from('\r\n');
let last = 0;

/** A TCP or TLS connection that is there, from either side. */
export class StreamFlow implements Flow {
  readonly reliable = true;
  readonly transport: 'TCP' | 'TLS';
  readonly id: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly sentBy: HostPort;
  readonly verifiedName?: string;
  readonly ours: boolean;
  readonly #socket: Socket;
  readonly #user: TransportUser;
  readonly #limits: TransportLimits;
  #why: string | undefined;
  /** Writes that wait. */
  #writes = 0;
  /** Runs while a message is under way, and until the first one of who connected to us. */
  #patience: NodeJS.Timeout | undefined;

  constructor(
    socket: Socket,
    about: {
      readonly transport: 'TCP' | 'TLS';
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly sentBy: HostPort;
      readonly verifiedName?: string;
      /** By the other side. */
      readonly accepted: boolean;
    },
    limits: TransportLimits,
    user: TransportUser,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#user = user;
    this.transport = about.transport;
    this.local = about.local;
    this.remote = about.remote;
    this.sentBy = about.sentBy;
    this.ours = !about.accepted;
    if (about.verifiedName !== undefined) this.verifiedName = about.verifiedName;
    last += 1;
    this.id = `${about.transport.toLowerCase()}/${last}/${formatEndpoint(about.remote)}`;
    this.#listen();
    if (about.accepted) this.#wait();
  }

  get open(): boolean {
    return this.#why === undefined && this.#socket.writable;
  }

  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (code: 'CLOSED' | 'QUEUE_FULL', cause?: unknown) =>
        reject(new TransportError(code, `${this.transport} ${formatEndpoint(this.remote)}`, cause));
      if (!this.open) return fail('CLOSED');
      const waiting = this.#socket.writableLength + this.#writes * writeCostBytes;
      if (waiting + bytes.length > this.#limits.writeQueueBytes) {
        fail('QUEUE_FULL');
        return this.#end('queue');
      }
      this.#user.sent?.(bytes, this);
      // Most leave at once, and are no burden though they are told of a little later.
      let waits = false;
      this.#socket.write(bytes, (error) => {
        if (waits) this.#writes -= 1;
        if (error) fail('CLOSED', error);
        else resolve();
      });
      waits = this.#socket.writableLength > 0;
      if (waits) this.#writes += 1;
    });
  }

  close(why = 'closed'): void {
    this.#end(why);
  }

  #listen(): void {
    const socket = this.#socket;
    const framer = new StreamFramer(this.#limits.messages, {
      message: (bytes) => {
        // Whoever was closed for the message before, in the same bytes.
        if (this.#why !== undefined) return;
        this.#patient();
        this.#user.received(bytes, this);
      },
      ping: () => {
        this.#patient();
        this.send(pong).catch(() => {});
        this.#user.alive?.(this);
      },
      pong: () => {
        this.#patient();
        this.#user.alive?.(this, true);
      },
    });
    socket.setNoDelay(true);
    socket.setTimeout(this.#limits.idleMs, () => this.#end('idle'));
    socket.on('data', (chunk) => {
      if (this.#why !== undefined) return;
      try {
        framer.push(chunk);
        if (framer.pending > 0) this.#wait();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#end('framing');
      }
    });
    socket.on('error', () => {});
    // Half-open connections are of no use to SIP.
    socket.on('end', () => this.#end('ended'));
    socket.on('close', () => {
      this.#patient();
      this.#why ??= 'lost';
      this.#user.closed(this, this.#why);
    });
  }

  #wait(): void {
    this.#patience ??= setTimeout(() => this.#end('slow'), this.#limits.messageMs).unref();
  }

  #patient(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #end(why: string): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    this.#patient();
    if (why !== 'ended' && why !== 'closed') this.#user.dropped(why, this.remote);
    if (why === 'queue') {
      this.#socket.destroy();
      return;
    }
    // What was written before is still sent; who does not read it has it cut.
    this.#socket.destroySoon();
    const cut = setTimeout(() => this.#socket.destroy(), this.#limits.connectMs).unref();
    this.#socket.once('close', () => clearTimeout(cut));
  }
}
