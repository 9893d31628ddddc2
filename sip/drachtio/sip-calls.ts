import type { Clock } from '../../core/clock.ts';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { Credentials } from '../agent/digest/digest-client.ts';
import type { SipRequest } from '../agent/messages/message.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { CallContext } from './call.ts';
import { grantedSeconds } from './granted-seconds.ts';
import { IncomingCall, type Source, sourceOf } from './incoming-call.ts';
import { Link } from './link.ts';
import { OutgoingCall, type PlaceOptions } from './outgoing-call.ts';
import { bodyText } from './read-raw.ts';
import { refusal } from './refusal.ts';
import { SipFailure } from './sip-failure.ts';
import { type SrfHeaders, type SrfRequest, type SrfResponse, sendStatus } from './srf.ts';
import type { Answer, OutgoingRequest } from './transact.ts';

export interface SipCallsOptions {
  /** Of the embedded agent, or of a drachtio-server. */
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** To a drachtio-server by TLS. `ca`: PEM of who signs it; without one: whom the system trusts. */
  readonly tls?: { readonly ca?: string };
  readonly clock: Clock;
  readonly onListenerError: ListenerErrorHandler;
  readonly handlers: SipHandlers;
}

/** What comes from outside of calls. Methods without a handler are not asked for, and get 503 of the agent; OPTIONS gets 200. */
export interface SipHandlers {
  readonly call?: (call: IncomingCall) => void;
  readonly register?: (request: IncomingRequest) => void;
  readonly message?: (request: IncomingRequest) => void;
  readonly options?: (request: IncomingRequest) => void;
}

/** A request outside of any call, which has to be answered. */
export interface IncomingRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: SipHeaders;
  readonly body: string;
  readonly source: Source;
  answer(status: number, options?: { headers?: SrfHeaders; body?: string; reason?: string }): void;
}

export interface SipCallsEvents {
  /** The connection to the agent was lost: all calls are over. It is tried to connect again. */
  lost: undefined;
  /** With TLS: why it does not connect again, each few seconds. */
  unreachable: SipFailure;
}

export interface RegisterOptions {
  /** Of the registrar: `sip:example.org`. */
  readonly registrar: string;
  /** Who is registered: `sip:ann@example.org`. */
  readonly address: string;
  /** Where; undefined asks what is registered. `sip:ann@localhost` is the agent’s own address. */
  readonly contact?: string;
  /** Seconds; 0 ends it. */
  readonly expires?: number;
  readonly proxy?: string;
  readonly credentials?: Credentials;
  readonly headers?: SrfHeaders;
}

/** Calls and requests, in promises and typed events: all that the rest knows of drachtio. */
export class SipCalls {
  readonly events: Emitter<SipCallsEvents>;
  readonly #context: CallContext;

  /** @throws {SipFailure} DISCONNECTED */
  static async connect(options: SipCallsOptions): Promise<SipCalls> {
    const { host, port, secret, tls, handlers, clock, onListenerError } = options;
    const events = new Emitter<SipCallsEvents>(onListenerError);
    const verbs = [
      handlers.call && 'invite',
      handlers.register && 'register',
      handlers.message && 'message',
      handlers.options && 'options',
    ].filter((verb) => verb !== undefined);
    let context: CallContext | undefined;
    const link = await Link.connect(
      { host, port, secret, verbs, clock, ...(tls && { tls }) },
      {
        request: (message, request, response) => {
          if (context !== undefined) dispatch(context, handlers, message, request, response);
        },
        lost: () => events.emit('lost', undefined),
        unreachable: (failure) => events.emit('unreachable', failure),
      },
    );
    context = { link, clock, onListenerError };
    return new SipCalls(context, events);
  }

  private constructor(context: CallContext, events: Emitter<SipCallsEvents>) {
    this.#context = context;
    this.events = events;
  }

  /** Calls that are up, and requests that wait for an answer. */
  get stats(): { readonly calls: number; readonly waiting: number } {
    return this.#context.link.size;
  }

  place(options: PlaceOptions): OutgoingCall {
    return new OutgoingCall(this.#context, options);
  }

  /** Any request outside of a call. @throws {SipFailure} REFUSED with the status, DISCONNECTED, NOT_SENT */
  async request(request: OutgoingRequest): Promise<Answer> {
    const answer = await this.#context.link.transact(request).answer;
    if (answer.status >= 300) throw refusal(answer);
    return answer;
  }

  /** A text to somebody (RFC 3428). @throws {SipFailure} */
  message(
    uri: string,
    text: string,
    options: Pick<OutgoingRequest, 'headers' | 'proxy' | 'credentials'> = {},
  ): Promise<Answer> {
    const headers = { 'Content-Type': 'text/plain;charset=utf-8', ...options.headers };
    return this.request({ ...options, method: 'MESSAGE', uri, headers, body: text });
  }

  /** Registers once; who wants to stay, asks again in time. The seconds that were granted. @throws {SipFailure} */
  async register(options: RegisterOptions): Promise<number> {
    const { registrar, address, contact, expires = 3_600, proxy, credentials, headers } = options;
    const all: SrfHeaders = { From: `<${address}>`, To: `<${address}>` };
    if (contact !== undefined) Object.assign(all, { Contact: `<${contact}>`, Expires: String(expires) });
    const answer = await this.request({
      method: 'REGISTER',
      uri: registrar,
      headers: { ...all, ...headers },
      ...(proxy !== undefined && { proxy }),
      ...(credentials !== undefined && { credentials }),
    });
    return grantedSeconds(answer.headers, contact) ?? expires;
  }

  /** Calls are not ended: the agent does that a little later. */
  close(): Promise<void> {
    return this.#context.link.close();
  }
}

function dispatch(
  context: CallContext,
  handlers: SipHandlers,
  message: SipRequest,
  request: SrfRequest,
  response: SrfResponse,
): void {
  const { method, uri, headers } = message;
  if (method === 'INVITE' && handlers.call !== undefined) {
    handlers.call(new IncomingCall(context, message, request, response));
    return;
  }
  const { register, message: text, options } = handlers;
  const handle = new Map([
    ['REGISTER', register],
    ['MESSAGE', text],
    ['OPTIONS', options],
  ]).get(method);
  if (handle === undefined) {
    response.send(501, undefined, {});
    return;
  }
  handle({
    method,
    uri,
    headers,
    body: bodyText(message),
    source: sourceOf(request),
    answer: (status, { reason, ...more } = {}) => {
      try {
        sendStatus(response, status, reason, more);
      } catch (cause) {
        throw new SipFailure('NOT_SENT', cause instanceof Error ? cause.message : String(cause));
      }
    },
  });
}
