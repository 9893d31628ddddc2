// A connection on /chat: no calls and no answers, only messages, and a room that it is in from the start.

import type { Timer } from '../../core/clock.ts';
import { AppError, type ErrorReason, toAppError } from '../../core/errors.ts';
import type { PlainChatEndpoint } from '../../signaling/endpoints.ts';
import type { Connection, Conversation } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import { encodePlainChatError } from './plain-chat-codec.ts';

/** What a client says before it is in the room is kept; a client that says more is closed. */
const maxEarlyMessages = 32;
const joinTimeoutMs = 15_000;

const decoder = new TextDecoder();

export class PlainChatConversation implements Conversation {
  readonly #context: GatewayContext;
  readonly #connection: Connection;
  readonly #accept: () => Promise<PlainChatEndpoint>;
  #early: unknown[] | undefined = [];
  #endpoint: PlainChatEndpoint | undefined;
  #joinTimer: Timer | undefined;

  constructor(context: GatewayContext, connection: Connection, accept: () => Promise<PlainChatEndpoint>) {
    this.#context = context;
    this.#connection = connection;
    this.#accept = accept;
  }

  start(): void {
    this.#joinTimer = this.#context.clock.after(joinTimeoutMs, () => {
      this.#connection.closeWith(new AppError('CALL_TIMEOUT', { timeoutMs: joinTimeoutMs }));
    });
    this.#accept().then(
      (endpoint) => this.#joined(endpoint),
      (thrown: unknown) => {
        this.#joinTimer?.cancel();
        this.#connection.fail(thrown);
      },
    );
  }

  receive(data: ArrayBuffer, isBinary: boolean, waitMs: number): void {
    if (waitMs > 0) {
      this.tell(new AppError('RATE_LIMITED', { what: 'messages' }, { retryAfterMs: waitMs }));
    } else if (isBinary) {
      this.#complain('the plain chat takes text frames, and this one is binary');
    } else {
      this.#read(decoder.decode(data));
    }
  }

  tell(error: AppError): void {
    this.#connection.post(encodePlainChatError(error));
  }

  sayWhyItCloses(reason: ErrorReason, retryAfterMs: number): void {
    this.tell(new AppError(reason, { what: 'messages' }, { retryAfterMs }));
  }

  end(): void {
    this.#joinTimer?.cancel();
    this.#endpoint?.closed();
    this.#endpoint = undefined;
  }

  #joined(endpoint: PlainChatEndpoint): void {
    this.#joinTimer?.cancel();
    if (!this.#connection.isOpen) {
      endpoint.closed();
      return;
    }
    this.#endpoint = endpoint;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const frame of early) this.#deliver(frame);
  }

  #read(text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#complain('it is not JSON');
      return;
    }
    if (!this.#early) this.#deliver(frame);
    else if (this.#early.push(frame) > maxEarlyMessages) {
      this.#connection.closeWith(new AppError('RATE_LIMITED', { what: 'messages before the room was joined' }));
    }
  }

  #deliver(frame: unknown): void {
    try {
      this.#endpoint?.receive(frame);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) this.#connection.log.error({ err: thrown }, 'a chat message failed');
      this.tell(toAppError(thrown));
    }
  }

  #complain(problem: string): void {
    this.#connection.complain(encodePlainChatError(new AppError('BAD_FRAME', { problem })));
  }
}
