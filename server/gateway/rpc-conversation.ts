// Calls of one connection on /ws: hands them to signaling and sends the answers, in whichever order they are ready.

import { AppError, type ErrorReason, toAppError } from '../../core/errors.ts';
import { EventMessage } from '../../core/event-message.ts';
import type { ClientEndpoint } from '../../signaling/endpoints.ts';
import type { Connection, Conversation } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { CallId, ClientMessage, RpcCodec } from './rpc-codec.ts';

type Call = Extract<ClientMessage, { kind: 'call' }>;

export class RpcConversation implements Conversation {
  readonly #context: GatewayContext;
  readonly #codec: RpcCodec;
  readonly #connection: Connection;
  /** Until it has started: it holds what the upgrade brought. */
  #accept: (() => ClientEndpoint) | undefined;
  /** Calls that were not answered yet, if there are any; at most maxOpenCalls. */
  #open: Set<CallId> | undefined;
  #endpoint: ClientEndpoint | undefined;

  constructor(context: GatewayContext, codec: RpcCodec, connection: Connection, accept: () => ClientEndpoint) {
    this.#context = context;
    this.#codec = codec;
    this.#connection = connection;
    this.#accept = accept;
  }

  start(): void {
    this.#endpoint = this.#accept?.();
    this.#accept = undefined;
  }

  receive(data: ArrayBuffer, isBinary: boolean, waitMs: number): void {
    const message = this.#codec.decode(data, isBinary);
    if (message.kind === 'call') {
      this.#call(message, waitMs);
    } else if (message.kind === 'malformed') {
      this.#connection.complain(message.answer);
    } else {
      this.#context.counters.notificationsIgnored++;
    }
  }

  tell(error: AppError): void {
    this.#connection.post(this.#codec.encodeProblem(error));
  }

  sayWhyItCloses(reason: ErrorReason, retryAfterMs: number): void {
    this.#connection.send(new EventMessage('sessionClosing', { reason, retryAfterMs }));
  }

  end(): void {
    this.#endpoint?.closed();
  }

  #call(call: Call, waitMs: number): void {
    if (this.#open?.has(call.id)) {
      // Without the id, which belongs to the call that is open.
      const problem = new AppError('BAD_FRAME', { problem: 'its id is that of a call that is open' });
      this.#connection.complain(this.#codec.encodeProblem(problem));
      return;
    }
    try {
      const result = this.#run(call, waitMs);
      if (result instanceof Promise) this.#awaitAnswer(call, result);
      else this.#connection.post(this.#codec.encodeResult(call.id, call.method, result));
    } catch (thrown) {
      this.#fail(call, thrown);
    }
  }

  #run({ method, params }: Call, waitMs: number): object | Promise<object> {
    if (waitMs > 0) throw new AppError('RATE_LIMITED', { what: 'messages' }, { retryAfterMs: waitMs });
    const limit = this.#context.options.maxOpenCalls;
    if (this.#open !== undefined && this.#open.size >= limit) throw new AppError('TOO_MANY_CALLS', { limit });
    // Set by start, before which nothing is received.
    return this.#endpoint?.call(method, params) ?? {};
  }

  #awaitAnswer(call: Call, promise: Promise<object>): void {
    this.#open ??= new Set();
    this.#open.add(call.id);
    promise.then(
      (result) => this.#answered(call, result),
      (thrown: unknown) => {
        this.#open?.delete(call.id);
        this.#fail(call, thrown);
      },
    );
  }

  #answered(call: Call, result: object): void {
    this.#open?.delete(call.id);
    if (!this.#connection.isOpen) return;
    try {
      this.#connection.post(this.#codec.encodeResult(call.id, call.method, result));
    } catch (thrown) {
      this.#fail(call, thrown);
    }
  }

  #fail(call: Call, thrown: unknown): void {
    if (!(thrown instanceof AppError)) {
      this.#connection.log.error({ err: thrown, method: call.method }, 'a call failed');
    }
    this.#connection.post(this.#codec.encodeError(call.id, toAppError(thrown)));
  }
}
