// A connection on /chat: no calls and no answers, only messages, and a room that it is in from the start.

import type { Timer } from '../../core/clock.ts';
import { AppError, type ErrorReason, toAppError } from '../../core/errors.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { PlainChatEndpoint, PlainChatHistory } from '../../signaling/endpoints.ts';
import type { Connection, Conversation } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import { encodePlainChatAnswer, encodePlainChatError } from './plain-chat-codec.ts';

/** What a client says before it is in the room is kept; a client that says more is closed. */
const maxEarlyMessages = 32;
const joinTimeoutMs = 15_000;
const earlyRetryAfterMs = 5_000;

/** Of a `clientId` that an error repeats: the contract's limit, which may be what the error is about. */
const maxClientIdLength = 64;

const decoder = new TextDecoder();

export class PlainChatConversation implements Conversation {
  readonly #context: GatewayContext;
  readonly #connection: Connection;
  /** Until it has started: it holds what the upgrade brought. */
  #accept: (() => Promise<PlainChatEndpoint>) | undefined;
  #early: unknown[] | undefined = [];
  #endpoint: PlainChatEndpoint | undefined;
  #joinTimer: Timer | undefined;
  /** Messages that nothing was answered to yet; at most maxOpenCalls. */
  #openCount = 0;
  /** What is told of one message follows what was told of the one before. */
  #lastTold: Promise<void> | undefined;

  constructor(context: GatewayContext, connection: Connection, accept: () => Promise<PlainChatEndpoint>) {
    this.#context = context;
    this.#connection = connection;
    this.#accept = accept;
  }

  start(): void {
    this.#joinTimer = this.#context.clock.after(joinTimeoutMs, () => {
      this.#connection.closeWith(new AppError('CALL_TIMEOUT', { timeoutMs: joinTimeoutMs }));
    });
    this.#accept?.().then(
      (endpoint) => this.#joined(endpoint),
      (thrown: unknown) => {
        this.#stopWaiting();
        this.#connection.fail(thrown);
      },
    );
    this.#accept = undefined;
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
    this.#stopWaiting();
    this.#endpoint?.closed();
    this.#endpoint = undefined;
  }

  #stopWaiting(): void {
    this.#joinTimer?.cancel();
    this.#joinTimer = undefined;
  }

  #joined(endpoint: PlainChatEndpoint): void {
    this.#stopWaiting();
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
      const what = 'messages before the room was joined';
      this.#connection.closeWith(new AppError('RATE_LIMITED', { what }, { retryAfterMs: earlyRetryAfterMs }));
    }
  }

  #deliver(frame: unknown): void {
    const limit = this.#context.options.maxOpenCalls;
    if (this.#openCount >= limit) {
      // Not in its turn: what would wait for that is what there is too much of.
      this.#connection.post(encodePlainChatError(new AppError('TOO_MANY_CALLS', { limit }), clientIdOf(frame)));
      return;
    }
    this.#openCount++;
    const outcome = this.#hand(frame);
    // It may fail while the one before it still waits.
    outcome.catch(() => {});
    const told = this.#tellOutcome(frame, outcome, this.#lastTold);
    this.#lastTold = told;
    void told.then(() => {
      this.#openCount--;
      if (this.#lastTold === told) this.#lastTold = undefined;
    });
  }

  async #hand(frame: unknown): Promise<PlainChatHistory | LogRecord | undefined> {
    return this.#endpoint?.receive(frame);
  }

  async #tellOutcome(
    frame: unknown,
    outcome: Promise<PlainChatHistory | LogRecord | undefined>,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    try {
      const answer = await outcome;
      const frame = answer && encodePlainChatAnswer(answer);
      if (frame !== undefined) this.#connection.post(frame);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) this.#connection.log.error({ err: thrown }, 'a chat message failed');
      this.#connection.post(encodePlainChatError(toAppError(thrown), clientIdOf(frame)));
    }
  }

  #complain(problem: string): void {
    this.#connection.complain(encodePlainChatError(new AppError('BAD_FRAME', { problem })));
  }
}

/** So that a client knows which of its messages was refused. */
function clientIdOf(frame: unknown): string | undefined {
  const { clientId } = (frame ?? {}) as { clientId?: unknown };
  return typeof clientId === 'string' && clientId.length <= maxClientIdLength ? clientId : undefined;
}
