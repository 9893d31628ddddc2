import type { Clock } from '../../core/clock.ts';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { SipRequest } from '../agent/messages/message.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { Link } from './link.ts';
import { answerDirection, isHold, withDirection } from './media-direction.ts';
import { type Modification, Modifications } from './modifications.ts';
import { bodyText, reasonText } from './read-raw.ts';
import { type Refer, Referrals } from './referrals.ts';
import { refusal } from './refusal.ts';
import { SipFailure } from './sip-failure.ts';
import { type SrfHeaders, type SrfRequest, type SrfResponse, sendStatus } from './srf.ts';
import type { Answer, OutgoingRequest } from './transact.ts';

export interface CallEnd {
  /** `agent`: it was not acknowledged, its session expired, …. `lost`: the connection to the agent. */
  readonly by: 'them' | 'us' | 'agent' | 'lost';
  readonly reason: string;
}

export interface CallEvents {
  ended: CallEnd;
  /** The other side sends no media, or does again. */
  held: boolean;
  /** The other side described its session anew, and the answer is given. */
  modified: { readonly sdp: string };
  /** Our offer stood in a 2xx, and its ACK brought no answer: the session stays what it was. */
  unanswered: undefined;
  info: { readonly headers: SipHeaders; readonly body: string };
  message: { readonly headers: SipHeaders; readonly body: string };
  notify: { readonly headers: SipHeaders; readonly body: string };
}

/** What of the other side's wants an answer. What it throws is a refusal: the status of a SipFailure, or 488 and 603. */
export interface CallHandlers {
  /** Answers an offer; without one it makes an offer, whose answer comes with {@link CallEvents.modified}. */
  readonly offer?: (offer: string | undefined) => string | Promise<string>;
  /** Tells of progress by {@link Call.notifyReferrer}. Until it resolves, further ones are refused with 491. */
  readonly refer?: Refer;
}

export interface CallBeginning {
  readonly id: string;
  readonly role: 'uac' | 'uas';
  readonly localSdp: string;
  readonly remoteSdp: string;
  /** The offer stands in our 2xx, and its answer comes with the ACK. */
  readonly offered?: boolean;
  readonly request?: Pick<OutgoingRequest, 'credentials'>;
}

export interface CallContext {
  readonly link: Link;
  readonly clock: Clock;
  readonly onListenerError: ListenerErrorHandler;
}

/** A call that was accepted, until it ends. */
export class Call {
  readonly id: string;
  readonly events: Emitter<CallEvents>;
  localSdp: string;
  /** The newest description of the other side. An offerless re-INVITE leaves it as it is. */
  remoteSdp: string;
  readonly #context: CallContext;
  readonly #beginning: CallBeginning;
  readonly #ended: Promise<CallEnd>;
  #tellEnd: (end: CallEnd) => void = () => {};
  #end: CallEnd | undefined;
  #handlers: CallHandlers = {};
  #held = false;
  readonly #referrals = new Referrals();
  readonly #modifications: Modifications;
  /** Our offer stands in a 2xx, and its answer comes with the ACK. */
  #offered: boolean;
  /** What came in the turn of the answer, before anybody could listen. */
  #early: (() => void)[] | undefined = [];

  constructor(context: CallContext, beginning: CallBeginning) {
    this.#context = context;
    this.#beginning = beginning;
    this.id = beginning.id;
    this.localSdp = beginning.localSdp;
    this.remoteSdp = beginning.remoteSdp;
    this.#held = isHold(beginning.remoteSdp);
    this.#offered = beginning.offered ?? false;
    this.events = new Emitter(context.onListenerError);
    this.#ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    this.#modifications = new Modifications({
      clock: context.clock,
      role: beginning.role,
      ended: this.#ended,
      localSdp: () => this.localSdp,
      invite: (offer) => this.#ask('INVITE', offer === undefined ? {} : { body: offer }),
      agreed: (local, remote) => {
        this.localSdp = local;
        this.#describe(remote);
      },
    });
    context.link.adopt(
      this.id,
      (message, request, response) => this.#whenReady(() => this.#receive(message, request, response)),
      () => this.#whenReady(() => this.#over({ by: 'lost', reason: 'the connection to the agent was lost' })),
    );
    setImmediate(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const receive of early) receive();
    });
  }

  get ended(): Promise<CallEnd> {
    return this.#ended;
  }

  get up(): boolean {
    return this.#end === undefined;
  }

  /** Whether the other side holds us. */
  get held(): boolean {
    return this.#held;
  }

  /** In place of those before. Without a handler an offer is answered with what was, and a referral is declined. */
  serve(handlers: CallHandlers): void {
    this.#handlers = handlers;
  }

  /**
   * Offers a new session, after those that were offered before it: their answer. With a function the other side offers, and it answers
   * that.
   * @throws {SipFailure} REFUSED, CALL_ENDED, DISCONNECTED, TOO_MANY; the session stays what it was, and the next one has its turn.
   */
  modify(sdp: Modification): Promise<string> {
    return this.#modifications.make(sdp);
  }

  hold(): Promise<string> {
    return this.modify(withDirection(this.localSdp, 'sendonly'));
  }

  resume(): Promise<string> {
    return this.modify(withDirection(this.localSdp, 'sendrecv'));
  }

  /** INFO, MESSAGE, OPTIONS, NOTIFY. @throws {SipFailure} */
  async request(method: string, options: { headers?: SrfHeaders; body?: string } = {}): Promise<Answer> {
    const answer = await this.#ask(method, options);
    if (answer.status >= 300) throw refusal(answer);
    return answer;
  }

  /** Asks the other side to call somebody else; 202 says that it will try. @throws {SipFailure} */
  refer(to: string, headers: SrfHeaders = {}): Promise<Answer> {
    return this.request('REFER', { headers: { ...headers, 'Refer-To': to } });
  }

  /** Tells who transferred the call how it goes on (RFC 3515 section 2.4.5). @throws {SipFailure} */
  async notifyReferrer(status: number, reason: string): Promise<void> {
    await this.request('NOTIFY', this.#referrals.notification(status, reason));
  }

  /** Ends it. Whatever is answered, it is over. */
  async bye(headers: SrfHeaders = {}): Promise<void> {
    if (!this.up) return;
    const answer = this.#ask('BYE', { headers });
    this.#over({ by: 'us', reason: '' });
    await answer.catch(() => {});
  }

  #ask(method: string, { headers = {}, body }: { headers?: SrfHeaders; body?: string }): Promise<Answer> {
    // Who hung up as soon as its transfer was taken hears how it went (RFC 5057 section 4.2).
    const isHeard = this.up || (method === 'NOTIFY' && this.#referrals.running);
    if (!isHeard) return Promise.reject(new SipFailure('CALL_ENDED', 'the call is over'));
    const { credentials } = this.#beginning.request ?? {};
    return this.#context.link.transact({
      method,
      uri: 'sip:placeholder',
      headers,
      dialogId: this.id,
      ...(body !== undefined && { body }),
      ...(credentials !== undefined && { credentials }),
    }).answer;
  }

  // What the other side says

  #whenReady(receive: () => void): void {
    if (this.#early === undefined) receive();
    else this.#early.push(receive);
  }

  #receive(message: SipRequest, request: SrfRequest, response: SrfResponse): void {
    const { headers } = message;
    const body = bodyText(message);
    switch (message.method) {
      case 'BYE':
        response.send(200, undefined, {});
        this.#over({
          by: request.source === 'application' ? 'agent' : 'them',
          reason: reasonText(headers.get('Reason')),
        });
        return;
      case 'ACK':
        if (this.#offered && body !== '') this.#describe(body);
        else if (this.#offered) this.events.emit('unanswered', undefined);
        this.#offered = false;
        return;
      case 'INVITE':
      case 'UPDATE':
        void this.#answerOffer(message.method, body, response);
        return;
      case 'REFER':
        void this.#referrals.answer(headers, response, this.#handlers.refer);
        return;
      case 'INFO':
      case 'MESSAGE':
      case 'NOTIFY':
        response.send(200, undefined, {});
        this.events.emit(message.method.toLowerCase() as 'info' | 'message' | 'notify', { headers, body });
        return;
      default:
        response.send(message.method === 'OPTIONS' || message.method === 'PRACK' ? 200 : 501, undefined, {});
    }
  }

  async #answerOffer(method: 'INVITE' | 'UPDATE', offer: string, response: SrfResponse): Promise<void> {
    // An UPDATE without one refreshes the session timer (RFC 4028).
    if (method === 'UPDATE' && offer === '') {
      response.send(200, undefined, {});
      return;
    }
    try {
      const local = await this.#decide(offer === '' ? undefined : offer);
      if (!this.up) return;
      const type = { 'Content-Type': 'application/sdp' };
      response.send(200, undefined, { headers: type, body: local }, (error) => {
        // Taken back meanwhile: the session stays what it was.
        if (error) return;
        this.localSdp = local;
        if (offer === '') this.#offered = true;
        else this.#describe(offer);
      });
    } catch (error) {
      const status = error instanceof SipFailure && isRefusal(error.status) ? error.status : 488;
      if (this.up) sendStatus(response, status, undefined, {});
    }
  }

  #decide(offer: string | undefined): string | Promise<string> {
    if (this.#handlers.offer !== undefined) return this.#handlers.offer(offer);
    return withDirection(this.localSdp, offer === undefined ? 'sendrecv' : answerDirection(offer));
  }

  #describe(sdp: string): void {
    if (sdp === '') return;
    this.remoteSdp = sdp;
    this.events.emit('modified', { sdp });
    const held = isHold(sdp);
    if (held === this.#held) return;
    this.#held = held;
    this.events.emit('held', held);
  }

  #over(end: CallEnd): void {
    if (!this.up) return;
    this.#end = end;
    this.#context.link.drop(this.id);
    this.#tellEnd(end);
    this.events.emit('ended', end);
  }
}

function isRefusal(status: number): boolean {
  return status >= 300 && status < 700;
}
