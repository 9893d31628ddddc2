import { Emitter } from '../../core/events.ts';
import type { SipRequest } from '../agent/messages/message.ts';
import { hasOption } from '../agent/messages/option-tags.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import { Call, type CallContext } from './call.ts';
import { bodyText, readRequest, readResponse, reasonText } from './read-raw.ts';
import { SipFailure, toFailure } from './sip-failure.ts';
import { type SrfHeaders, type SrfRequest, type SrfResponse, sendStatus } from './srf.ts';

/** Where a request came from, as the agent saw it. */
export interface Source {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
}

export interface IncomingCallEvents {
  /** The caller took it back, or the connection to the agent was lost; it was answered already. */
  canceled: { readonly reason: string };
}

export interface AnswerOptions {
  readonly headers?: SrfHeaders;
  readonly sdp?: string;
}

/** A call that rings here. */
export class IncomingCall {
  readonly uri: string;
  readonly headers: SipHeaders;
  /** The offer; '' when the caller wants one of us. */
  readonly sdp: string;
  readonly source: Source;
  readonly events: Emitter<IncomingCallEvents>;
  readonly #context: CallContext;
  readonly #response: SrfResponse;
  readonly #stopRinging: () => void;
  #state: 'ringing' | 'answered' | 'canceled' = 'ringing';
  #earlySdp: string | undefined;

  constructor(context: CallContext, message: SipRequest, request: SrfRequest, response: SrfResponse) {
    this.#context = context;
    this.#response = response;
    this.uri = message.uri;
    this.headers = message.headers;
    this.sdp = bodyText(message);
    this.source = sourceOf(request);
    this.events = new Emitter(context.onListenerError);
    request.on('cancel', ({ raw }) => this.#takenBack(reasonText(readRequest(raw)?.headers.get('Reason'))));
    this.#stopRinging = context.link.ring(
      message,
      (within, _request, answer) => this.#receive(within, answer),
      () => this.#takenBack('the connection to the agent was lost'),
    );
    // Before there is a call there is nothing but what was offered early (RFC 3311 section 5.2).
    request.on('update', (_update, answer) => {
      if (this.#earlySdp === undefined) answer.send(500, undefined, { headers: { 'Retry-After': '5' } });
      else answer.send(200, undefined, { headers: sdpType, body: this.#earlySdp });
    });
  }

  get callId(): string {
    return this.headers.get('Call-ID') ?? '';
  }

  get canceled(): boolean {
    return this.#state === 'canceled';
  }

  /** 180. @throws {SipFailure} CANCELED */
  ring(options: AnswerOptions = {}): Promise<void> {
    return this.progress(180, options);
  }

  /**
   * A provisional answer. `reliable` waits until the caller has acknowledged it, where it can (RFC 3262).
   * @throws {SipFailure} CANCELED
   */
  async progress(status: number, options: AnswerOptions & { readonly reliable?: boolean } = {}): Promise<void> {
    const { headers = {}, sdp, reliable = false } = options;
    const understands = hasOption(this.headers, 'Supported', '100rel') || hasOption(this.headers, 'Require', '100rel');
    const waits = reliable && understands;
    if (sdp !== undefined) this.#earlySdp = sdp;
    let acknowledged = () => {};
    const prack = new Promise<boolean>((resolve) => {
      acknowledged = () => resolve(true);
      this.events.once('canceled', () => resolve(false));
    });
    const all: SrfHeaders = { ...headers };
    if (waits) all['Require'] = '100rel';
    await this.#send(status, { headers: all, sdp }, () => acknowledged());
    if (waits && !(await this.#inTime(prack))) this.#takenBack('no PRACK came');
    if (this.canceled) throw new SipFailure('CANCELED', 'the caller took the call back');
  }

  /** Without a PRACK the agent refuses the call by itself, and does not tell of it (RFC 3262 section 3). */
  async #inTime(prack: Promise<boolean>): Promise<boolean> {
    let late = (_acknowledged: boolean) => {};
    const timer = this.#context.clock.after(prackMs, () => late(false));
    const deadline = new Promise<boolean>((resolve) => {
      late = resolve;
    });
    try {
      return await this.#context.link.orLost(Promise.race([prack, deadline]));
    } finally {
      timer.cancel();
    }
  }

  /** @throws {SipFailure} CANCELED */
  async accept({ headers = {}, sdp }: AnswerOptions): Promise<Call> {
    let call: Call | undefined;
    await this.#send(200, { headers, sdp }, undefined, () => {
      const id = this.#response.stackDialogId;
      const [localSdp, remoteSdp] = [sdp ?? '', this.sdp];
      call = new Call(this.#context, { id, role: 'uas', localSdp, remoteSdp, offered: remoteSdp === '' });
    });
    if (call === undefined) throw new SipFailure('CANCELED', 'the caller took the call back');
    return call;
  }

  /** Does nothing to a call that was taken back. */
  async reject(
    status: number,
    { headers = {}, reason }: { headers?: SrfHeaders; reason?: string } = {},
  ): Promise<void> {
    try {
      await this.#send(status, { headers, reason });
    } catch (error) {
      if (!(error instanceof SipFailure) || error.reason !== 'CANCELED') throw error;
    }
  }

  /** Of the caller, while it rings or while the answer is under way. */
  #receive({ method, headers }: SipRequest, answer: SrfResponse): void {
    if (method === 'BYE') {
      // A caller may hang up without CANCEL (RFC 3261 section 15); the agent answers the INVITE 487.
      answer.send(200, undefined, {});
      this.#takenBack(reasonText(headers.get('Reason')));
    } else if (method === 'OPTIONS') answer.send(200, undefined, {});
    // 481 would end the call (RFC 5057 section 5.1), and there is nobody yet who could listen.
    else answer.send(500, undefined, { headers: { 'Retry-After': '5' } });
  }

  #takenBack(reason: string): void {
    this.#stopRinging();
    const rang = this.#state === 'ringing';
    this.#state = 'canceled';
    if (rang) this.events.emit('canceled', { reason });
  }

  #send(
    status: number,
    { headers, sdp, reason }: { headers: SrfHeaders; sdp?: string | undefined; reason?: string | undefined },
    acknowledged?: () => void,
    sent?: () => void,
  ): Promise<void> {
    if (this.#state !== 'ringing')
      return Promise.reject(new SipFailure('CANCELED', `the call was ${this.#state} already`));
    if (status >= 200) this.#state = 'answered';
    const type = sdp === undefined ? {} : sdpType;
    const options = { headers: { ...type, ...headers }, ...(sdp !== undefined && { body: sdp }) };
    const told = new Promise<void>((resolve, reject) => {
      sendStatus(
        this.#response,
        status,
        reason,
        options,
        (error, echo) => {
          if (error || readResponse(echo.raw) === undefined) {
            if (status >= 200) this.#stopRinging();
            reject(toFailure(error));
            return;
          }
          // In this turn: the ACK may stand right behind.
          sent?.();
          if (status >= 200) this.#stopRinging();
          resolve();
        },
        acknowledged,
      );
    });
    return this.#context.link.orLost(told);
  }
}

/** 64 × T1, and a little for the way. */
const prackMs = 33_000;

const sdpType: SrfHeaders = { 'Content-Type': 'application/sdp' };

export function sourceOf({ source_address, source_port, protocol }: SrfRequest): Source {
  return { address: source_address, port: source_port, protocol };
}
