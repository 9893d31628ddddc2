// One WebSocket of a client with the limits of both directions. What is spoken on it is its conversation's business.

import { codeNames } from '../../core/error-maps.ts';
import { AppError, type ErrorReason, errorRegistry, toAppError } from '../../core/errors.ts';
import type { EventCodec, EventMessage, Frame } from '../../core/event-message.ts';
import { type ConnectionId, createConnectionId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { ClientLink } from '../../signaling/client-link.ts';
import type { AddressState } from './addresses.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ProtocolName } from './gateway-stats.ts';
import type { Socket, SocketHandlers } from './listener.ts';
import { MessageGate } from './message-gate.ts';
import { Outbox, type OutboxListeners } from './outbox.ts';

/** The protocol of one connection: it reads what the limits let through and posts its answers. */
export interface Conversation {
  /** @throws {AppError} which closes the connection. */
  start(): void;
  /** `waitMs` above 0: it came too fast and is to be refused. The data is gone when this returns. */
  receive(data: ArrayBuffer, isBinary: boolean, waitMs: number): void;
  /** Tells the client what was wrong with a message that belongs to no call. */
  tell(error: AppError): void;
  /** The server is about to close the connection, for a reason that no message of the client's is answered with. */
  sayWhyItCloses(reason: ErrorReason, retryAfterMs: number): void;
  /** The connection is gone. Called once after `start`, never from within a call of the conversation's. */
  end(): void;
}

export interface ConnectionSetup {
  readonly protocol: ProtocolName;
  /** Of events. */
  readonly codec: EventCodec;
  /** All messages to the client are binary, or all are text. */
  readonly isBinary: boolean;
  readonly remoteAddress: string;
  /** Where a place was taken for it. */
  readonly address: AddressState;
  readonly converse: (connection: Connection) => Conversation;
}

/** How long a client that was closed for reading slowly, or for sending too fast, had better wait. */
const minRetryAfterMs = 5_000;

/** Ids of connections are this and a number: a text of its own is more than a connection needs that is told of twice. */
const idsOfProcess = createConnectionId();
let connectionsMade = 0;

/** There are many, and most do nothing: what is here once for each of them, or made for it, is counted in bytes. */
export class Connection implements ClientLink, SocketHandlers, OutboxListeners {
  readonly remoteAddress: string;
  readonly #number = ++connectionsMade;
  readonly #context: GatewayContext;
  readonly #protocol: ProtocolName;
  readonly #codec: EventCodec;
  readonly #address: AddressState;
  readonly #outbox: Outbox;
  readonly #gate: MessageGate;
  readonly #conversation: Conversation;
  onDrained: (() => void) | undefined;
  #isOpen = false;
  #wasOpened = false;

  constructor(context: GatewayContext, setup: ConnectionSetup) {
    const { address, remoteAddress } = setup;
    this.#context = context;
    this.#protocol = setup.protocol;
    this.#codec = setup.codec;
    this.#address = address;
    // One text for all connections of an address.
    this.remoteAddress = address.key === remoteAddress ? address.key : remoteAddress;
    this.#outbox = new Outbox(context, setup.isBinary, this);
    this.#gate = new MessageGate(context.options.messageRate, address, context.clock);
    this.#conversation = setup.converse(this);
  }

  get id(): ConnectionId {
    return `${idsOfProcess}.${this.#number}` as ConnectionId;
  }

  /** Made when something is to be said: seldom. */
  get log(): Logger {
    return this.#context.log.child({ connectionId: this.id, protocol: this.#protocol });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  opened(socket: Socket): void {
    const { connections, counters } = this.#context;
    this.#isOpen = true;
    this.#wasOpened = true;
    connections.add(this);
    counters.accepted[this.#protocol]++;
    counters.connections[this.#protocol]++;
    this.#debug({ remoteAddress: this.remoteAddress }, 'connection opened');
    this.#outbox.attach(socket);
    try {
      this.#conversation.start();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  message(data: ArrayBuffer, isBinary: boolean): void {
    if (!this.#isOpen) return;
    const { counters, options, flushQueue } = this.#context;
    flushQueue.look();
    const bytes = data.byteLength;
    counters.messagesIn++;
    counters.bytesIn += bytes;
    if (bytes > options.maxFrameBytes) {
      this.closeWith(new AppError('FRAME_TOO_LARGE', { maxBytes: options.maxFrameBytes }));
      return;
    }
    const waitMs = this.#gate.admit();
    if (waitMs > 0) {
      counters.rateLimited++;
      if (!this.#gate.tolerateRefusal()) {
        this.#closeWithNotice('RATE_LIMITED', waitMs);
        return;
      }
    }
    this.#outbox.corked = true;
    try {
      this.#conversation.receive(data, isBinary, waitMs);
    } finally {
      this.#outbox.corked = false;
    }
  }

  drained(): void {
    if (this.#isOpen) this.#outbox.drained();
  }

  closed(code: number, reason: string): void {
    const { admission, connections, counters } = this.#context;
    this.#isOpen = false;
    this.#outbox.discard();
    admission.leave(this.#address);
    if (!this.#wasOpened) return;
    connections.delete(this);
    counters.connections[this.#protocol]--;
    this.#debug({ code, reason }, 'connection closed');
    // Later than this call: whoever closed it may be in the middle of something.
    queueMicrotask(() => this.#conversation.end());
  }

  send(event: EventMessage): void {
    if (!this.#isOpen) return;
    if (event.delivery === 'ephemeral' && this.#outbox.isBehind) {
      this.#context.counters.ephemeralDropped++;
      return;
    }
    for (const frame of event.encodedBy(this.#codec)) this.#outbox.post(frame);
  }

  offerLog(event: EventMessage): boolean {
    // Whoever is gone is behind nothing.
    if (!this.#isOpen) return true;
    if (!this.#outbox.takesLog()) return false;
    for (const frame of event.encodedBy(this.#codec)) this.#outbox.post(frame);
    return true;
  }

  get unsentBytes(): number {
    return this.#outbox.unsentBytes;
  }

  /** Queues a message that is not an event, in order with those. */
  post(frame: Frame): void {
    if (this.#isOpen) this.#outbox.post(frame);
  }

  close(reason: ErrorReason): void {
    if (!this.#isOpen) return;
    // First: sending what waits may call back.
    this.#isOpen = false;
    if (reason === 'SLOW_CONSUMER') this.#context.counters.slowConsumersClosed++;
    this.#outbox.end(codeNames[errorRegistry[reason].code].webSocketClose, reason);
  }

  /** Tells the client what was thrown, then closes with it. */
  fail(thrown: unknown): void {
    if (!(thrown instanceof AppError)) this.log.error({ err: thrown }, 'a connection failed');
    this.closeWith(toAppError(thrown));
  }

  /** Tells the client what went wrong, then closes with it. */
  closeWith(error: AppError): void {
    if (!this.#isOpen) return;
    this.#conversation.tell(error);
    this.close(error.reason);
  }

  /** Answers a frame that could not be read. A client that goes on like that is closed with BAD_FRAME. */
  complain(answer: Frame): void {
    this.#context.counters.malformedFrames++;
    this.post(answer);
    if (!this.#gate.tolerateMalformed()) this.close('BAD_FRAME');
  }

  onSlow(unsentBytes: number): void {
    if (!this.#isOpen) return;
    this.log.info({ unsentBytes }, 'closing a connection that reads too slowly');
    this.#closeWithNotice('SLOW_CONSUMER', minRetryAfterMs);
  }

  onCaughtUp(): void {
    this.onDrained?.();
  }

  /** Without a logger of its own, for lines that are mostly not written. */
  #debug(fields: object, message: string): void {
    this.#context.log.debug({ connectionId: this.id, protocol: this.#protocol, ...fields }, message);
  }

  #closeWithNotice(reason: ErrorReason, retryAfterMs: number): void {
    this.#conversation.sayWhyItCloses(reason, Math.max(retryAfterMs, minRetryAfterMs));
    this.close(reason);
  }
}
