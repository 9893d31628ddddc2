import { Dialog, nextHopOf } from '../dialogs/dialog.ts';
import { acceptedTerms, answerTerms, type SessionTerms, SessionTimer } from '../dialogs/session-timer.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { parseHostPort } from '../messages/parse-host-port.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { parseUri } from '../messages/parse-uri.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Flow } from '../transports/flow.ts';
import { ClientInvite } from './client-invite.ts';
import { type AgentContext, allow } from './context.ts';
import { addDraft, contentType, isSdp, type RequestDraft, type ResponseDraft } from './draft.ts';
import { localResponse } from './local-response.ts';
import { makeAnswer } from './make-answer.ts';
import type { OutgoingRequest } from './request-sender.ts';
import { ServerInvite } from './server-invite.ts';
import type { EndReason, Incoming, ResponseUser } from './session-events.ts';

export interface SessionUser {
  /** A request within the call; the application answers it by {@link Session.respond}. */
  request(incoming: Incoming, session: Session): void;
  /** The ACK of a 2xx of ours. */
  acknowledged(ack: SipRequest, session: Session, flow: Flow): void;
  /** The agent ended it, and sent this BYE unless the other side knows nothing of the call. */
  endedByAgent(reason: EndReason, bye: SipRequest, session: Session): void;
  /** Its dialogs are gone: nothing is to be kept of it. */
  over(session: Session): void;
  dialogAdded(dialog: Dialog, session: Session): void;
  dialogRemoved(dialog: Dialog, session: Session): void;
}

/** How the agent's own ends of calls are told to the other side (RFC 3326). */
const reasons: Readonly<Record<EndReason, string>> = {
  ACK_TIMEOUT: 'SIP ;cause=408 ;text="ACK timeout"',
  SESSION_EXPIRED: 'SIP ;cause=408 ;text="Session timer expired"',
  DIALOG_GONE: 'SIP ;cause=481 ;text="Call does not exist"',
  APPLICATION_GONE: 'SIP ;cause=503 ;text="Application gone"',
  SHUTDOWN: 'SIP ;cause=503 ;text="Shutting down"',
};

/**
 * One call: an INVITE and what belongs to it, until the BYE (RFC 3261 sections 12 to 15). An INVITE of ours may have several early
 * dialogs, one for each phone that it rang at; the first that accepts is the call.
 */
export class Session {
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  /** The tag of the side that sent the INVITE: with the Call-ID, what the call is known by. */
  readonly inviterTag: string;
  readonly #context: AgentContext;
  readonly #user: SessionUser;
  readonly #localTag: string;
  readonly #dialogs = new Map<string, Dialog>();
  readonly #timer: SessionTimer;
  /** The way that the other side was last heard on. */
  #flow: Flow | undefined;
  #main: Dialog | undefined;
  #outgoing: OutgoingRequest | undefined;
  #server: ServerInvite | undefined;
  #client: ClientInvite | undefined;
  /** As it went out, or as it came. */
  #invite: SipRequest;
  /** An INVITE or UPDATE of ours is not answered. */
  #offering = false;
  #updating = false;
  #localSdp: Uint8Array | undefined;
  #theyUpdate = false;
  #over = false;
  /** The highest RSeq of each fork (RFC 3262 section 4). */
  readonly #rseqs = new Map<string, number>();

  private constructor(
    context: AgentContext,
    user: SessionUser,
    about: { readonly role: 'uac' | 'uas'; readonly invite: SipRequest; readonly localTag: string },
  ) {
    this.#context = context;
    this.#user = user;
    this.role = about.role;
    this.callId = about.invite.headers.get('Call-ID') ?? '';
    this.inviterTag = tagOf(about.invite.headers.get('From')) ?? '';
    this.#invite = about.invite;
    this.#localTag = about.localTag;
    this.#timer = new SessionTimer(context.clock, {
      refresh: () => this.#refresh(),
      expired: () => this.end('SESSION_EXPIRED'),
    });
  }

  /** A call that came. `toTag` is ours. */
  static incoming(context: AgentContext, user: SessionUser, incoming: Incoming, toTag: string): Session {
    const session = new Session(context, user, { role: 'uas', invite: incoming.request, localTag: toTag });
    session.#serve(incoming);
    return session;
  }

  /** A call of ours; `request` is whole but for its Via. */
  static outgoing(
    context: AgentContext,
    user: SessionUser,
    request: SipRequest,
    to: Flow | string,
    responseUser: ResponseUser,
  ): Session {
    const localTag = tagOf(request.headers.get('From')) ?? '';
    const session = new Session(context, user, { role: 'uac', invite: request, localTag });
    session.#offering = true;
    if (isSdp(request.headers, request.body)) session.#localSdp = request.body;
    session.#outgoing = context.send(request, to, {
      sent: (sent) => {
        session.#invite = sent.request;
        session.#client = new ClientInvite(sent.request);
        responseUser.sent(sent);
      },
      response: (response, hop) => session.#hearFirst(response, hop, responseUser),
      ended: () => responseUser.ended?.(),
    });
    return session;
  }

  /** The dialog that is spoken in: the one that accepted, or the newest early one. */
  get dialog(): Dialog | undefined {
    return this.#main ?? [...this.#dialogs.values()].at(-1);
  }

  get state(): 'early' | 'confirmed' | 'over' {
    if (this.#over) return 'over';
    return this.#main?.state === 'confirmed' ? 'confirmed' : 'early';
  }

  /** Takes an INVITE of ours back that was not accepted yet. */
  cancel(extra?: Iterable<readonly [string, string]>): SipRequest | undefined {
    return this.#outgoing?.cancel(extra);
  }

  /** A request within one of its dialogs. */
  receive(dialog: Dialog, incoming: Incoming): void {
    const { request, flow } = incoming;
    this.#flow = flow;
    this.#learn(request.headers);
    if (!dialog.admits(request)) {
      this.#refuse(incoming, 500, [['Retry-After', '1']]);
    } else if (request.method === 'INVITE') {
      this.#receiveInvite(dialog, incoming);
    } else if (request.method === 'UPDATE') {
      this.#receiveUpdate(dialog, incoming);
    } else if (request.method === 'PRACK') {
      if (this.#server?.acknowledgeProvisional(request)) this.#user.request(incoming, this);
      else this.#refuse(incoming, 481);
    } else if (request.method === 'BYE') {
      this.#user.request(incoming, this);
      this.#close();
    } else {
      this.#user.request(incoming, this);
    }
  }

  /** The ACK of a 2xx of ours, or nothing that is known. */
  receiveAck(ack: SipRequest, flow: Flow): void {
    this.#flow = flow;
    this.#server?.acknowledge(ack);
  }

  /** The caller took its INVITE back: it is answered 487, unless it was answered. */
  receiveCancel(): boolean {
    if (!this.#server?.open) return false;
    this.#server.respondWith(487);
    return true;
  }

  /**
   * The application's answer to a request of this call. The whole answer as it goes out; undefined when it was answered before.
   */
  respond(incoming: Incoming, draft: ResponseDraft): SipResponse | undefined {
    if (incoming.transaction === this.#server?.transaction) return this.#server.respond(draft);
    const response = makeAnswer(this.#context, incoming.request, incoming.flow, draft, this.#localTag);
    if (incoming.request.method === 'UPDATE' && response.status >= 200 && response.status < 300) {
      this.#agreeUpdate(incoming.request, response);
    }
    return incoming.transaction.respond(response) ? response : undefined;
  }

  /** A request of the application within the call. Undefined without a dialog to send it in. */
  request(draft: RequestDraft, user: ResponseUser): OutgoingRequest | undefined {
    const dialog = this.dialog;
    if (dialog === undefined || this.#over) return undefined;
    const offers = draft.method === 'INVITE' || draft.method === 'UPDATE';
    const request = this.#build(dialog, draft);
    if (offers && (this.#offering || this.#updating || this.#server?.open)) {
      user.sent({ request, hop: undefined });
      user.response(localResponse(request, 491), undefined);
      user.ended?.();
      return undefined;
    }
    if (draft.method === 'BYE') this.#quiet();
    if (draft.method === 'INVITE') this.#offering = true;
    if (draft.method === 'UPDATE') this.#updating = true;
    if (isSdp(draft.headers, draft.body)) this.#localSdp = draft.body;
    return this.#context.send(request, this.#to(dialog, request), {
      sent: (sent) => {
        if (draft.method === 'INVITE') this.#client = new ClientInvite(sent.request);
        user.sent(sent);
      },
      response: (response, hop) => this.#hear(dialog, request, response, hop, user),
      ended: () => user.ended?.(),
    });
  }

  /** Acknowledges the 2xx of the INVITE that was accepted last. False when there is none. */
  acknowledge(draft: Pick<RequestDraft, 'headers' | 'body'>): SipRequest | undefined {
    const [dialog, client] = [this.#main, this.#client];
    if (dialog === undefined || client === undefined || this.#over) return undefined;
    const ack = dialog.makeRequest('ACK', client.cseq);
    addDraft(ack.headers, draft.headers);
    const type = contentType(draft.headers, draft.body);
    if (type !== undefined) ack.headers.set('Content-Type', type);
    if (isSdp(draft.headers, draft.body)) this.#localSdp = draft.body;
    const whole = { ...ack, body: draft.body };
    this.#context.sendAck(whole, this.#to(dialog, whole), client);
    return whole;
  }

  /** Ends it whatever its state: refuses, takes back or says BYE. */
  end(reason: EndReason): void {
    if (this.#over) return;
    if (this.#server?.open) this.#server.respondWith(reason === 'ACK_TIMEOUT' ? 504 : 503);
    if (this.role === 'uac' && this.#main === undefined) this.cancel([['Reason', reasons[reason]]]);
    const dialog = this.#main;
    if (dialog !== undefined) {
      const draft = { method: 'BYE', headers: SipHeaders.of([['Reason', reasons[reason]]]), body: new Uint8Array() };
      const bye = this.#build(dialog, draft);
      if (reason !== 'DIALOG_GONE') this.#context.send(bye, this.#to(dialog, bye), silent);
      this.#user.endedByAgent(reason, bye, this);
    }
    this.#close();
  }

  // What came

  #serve(incoming: Incoming): void {
    const { transaction, flow, request } = incoming;
    this.#flow = flow;
    this.#learn(request.headers);
    const first = this.#main === undefined;
    this.#server = new ServerInvite(this.#context, transaction, flow, this.#localTag, {
      answered: (response, terms) => this.#answered(request, response, terms),
      refused: () => {
        if (first) this.#close();
      },
      acknowledged: (ack) => this.#user.acknowledged(ack, this, this.#flow ?? flow),
      unacknowledged: (what) => {
        if (what === 'ACK') this.end('ACK_TIMEOUT');
      },
    });
  }

  #receiveInvite(dialog: Dialog, incoming: Incoming): void {
    // Both sides offer at once (section 14.2), or one offers twice.
    if (this.#offering || this.#updating) this.#refuse(incoming, 491);
    else if (this.#server?.open) this.#refuse(incoming, 500, [['Retry-After', String(Math.floor(Math.random() * 10))]]);
    else {
      dialog.refreshTarget(incoming.request.headers);
      this.#serve(incoming);
      this.#user.request(incoming, this);
    }
  }

  #receiveUpdate(dialog: Dialog, incoming: Incoming): void {
    // Without a body it refreshes the session, which crosses nothing (RFC 3311 section 5.2).
    if (this.#offering && incoming.request.body.length > 0) {
      this.#refuse(incoming, 491);
    } else {
      dialog.refreshTarget(incoming.request.headers);
      this.#user.request(incoming, this);
    }
  }

  #answered(request: SipRequest, response: SipResponse, terms: SessionTerms | undefined): void {
    if (isSdp(response.headers, response.body)) this.#localSdp = response.body;
    if (this.#main === undefined) {
      this.#main = Dialog.asServer(request, response);
      this.#add(this.#main);
    }
    if (response.status < 200) return;
    this.#main.confirm();
    this.#timer.start(terms, terms?.refresher === 'uas');
  }

  #agreeUpdate(request: SipRequest, response: SipResponse): void {
    const terms = answerTerms(request.headers, this.#context.sessionTimer);
    if (terms === undefined) return;
    response.headers.set('Session-Expires', `${terms.interval};refresher=${terms.refresher}`);
    if (terms.refresher === 'uac') response.headers.set('Require', 'timer');
    this.#timer.start(terms, terms.refresher === 'uas');
  }

  #refuse({ transaction, request, flow }: Incoming, status: number, extra: readonly [string, string][] = []): void {
    transaction.serve({ failed: () => {}, ended: () => {} });
    const draft = { status, headers: SipHeaders.of(extra), body: new Uint8Array() };
    transaction.respond(makeAnswer(this.#context, request, flow, draft, this.#localTag));
  }

  // What we asked

  #hearFirst(response: SipResponse, hop: Hop | undefined, user: ResponseUser): void {
    const tag = tagOf(response.headers.get('To'));
    if (response.status < 200) {
      if (this.#isOldProvisional(response, tag ?? '')) return;
      if (tag !== undefined && response.status > 100) this.#early(tag, response);
      // A 100 says nothing to an application.
      if (response.status > 100) user.response(response, hop);
      return;
    }
    this.#offering = false;
    if (response.status >= 300) {
      user.response(response, hop);
      this.#close();
    } else if (this.#main !== undefined) {
      // Again, or of another phone.
      if (!this.#client?.isCopy(response) && this.#main.remoteTag !== (tag ?? '')) this.#hangUp(response);
    } else {
      this.#accept(tag ?? '', response);
      user.response(response, hop);
    }
  }

  #accept(tag: string, response: SipResponse): void {
    this.#learn(response.headers);
    const early = this.#dialogs.get(tag);
    this.#main = early ?? Dialog.asClient(this.#invite, response);
    if (early === undefined) this.#add(this.#main);
    this.#main.confirm(response);
    for (const dialog of this.#dialogs.values()) if (dialog !== this.#main) this.#remove(dialog);
    const terms = acceptedTerms(response.headers);
    this.#timer.start(terms, terms?.refresher === 'uac');
  }

  /** Another phone accepted the same call: it is told that it is over (section 13.2.2.4). */
  #hangUp(response: SipResponse): void {
    const dialog = Dialog.asClient(this.#invite, response);
    const client = this.#client;
    if (client === undefined) return;
    const ack = dialog.makeRequest('ACK', client.cseq);
    this.#context.sendAck(ack, this.#to(dialog, ack), client);
    const bye = dialog.makeRequest('BYE');
    this.#context.send(bye, this.#to(dialog, bye), silent);
  }

  #early(tag: string, response: SipResponse): void {
    this.#learn(response.headers);
    const known = this.#dialogs.get(tag);
    if (known !== undefined) known.refreshTarget(response.headers);
    else this.#add(Dialog.asClient(this.#invite, response));
  }

  /** A reliable one that came again, or before the one that it follows, is not for the application. */
  #isOldProvisional(response: SipResponse, tag: string): boolean {
    const rseq = Number(response.headers.get('RSeq'));
    if (!response.headers.all('Require').includes('100rel') || !Number.isInteger(rseq)) return false;
    const last = this.#rseqs.get(tag);
    if (last !== undefined && rseq !== last + 1) return true;
    this.#rseqs.set(tag, rseq);
    return false;
  }

  #hear(dialog: Dialog, request: SipRequest, response: SipResponse, hop: Hop | undefined, user: ResponseUser): void {
    const { method } = request;
    const success = response.status >= 200 && response.status < 300;
    if (method === 'INVITE' && success && this.#client?.isCopy(response)) return;
    if (response.status >= 200) {
      if (method === 'INVITE') this.#offering = false;
      if (method === 'UPDATE') this.#updating = false;
    }
    if (success && (method === 'INVITE' || method === 'UPDATE')) {
      dialog.refreshTarget(response.headers);
      const terms = acceptedTerms(response.headers);
      this.#timer.start(terms, terms?.refresher === 'uac');
    }
    if (response.status > 100) user.response(response, hop);
    if (response.status < 200) return;
    if (method === 'BYE') this.#close();
    // The other side knows nothing of the call, or is not there any more (section 12.2.1.2).
    else if (response.status === 481 || response.status === 408)
      this.end(response.status === 481 ? 'DIALOG_GONE' : 'SESSION_EXPIRED');
  }

  #build(dialog: Dialog, { method, headers, body }: RequestDraft): SipRequest {
    const request = dialog.makeRequest(method);
    if (this.#context.product !== '') request.headers.add('User-Agent', this.#context.product);
    if (
      method === 'INVITE' ||
      method === 'UPDATE' ||
      method === 'REFER' ||
      method === 'SUBSCRIBE' ||
      method === 'NOTIFY'
    ) {
      request.headers.add('Contact', this.#context.contact(this.#flow));
    }
    if (method === 'INVITE' || method === 'UPDATE') {
      request.headers.add('Allow', allow);
      request.headers.add('Supported', 'timer');
    }
    addDraft(request.headers, headers);
    const type = contentType(headers, body);
    if (type !== undefined) request.headers.set('Content-Type', type);
    return { ...request, body };
  }

  /**
   * Where its requests go: along the route; without one over the connection that the other side is heard on, which is the only way
   * to whoever is behind a router or in a page; otherwise to its Contact.
   */
  #to(dialog: Dialog, request: SipRequest): Flow | string {
    const flow = this.#flow;
    if (flow?.open && dialog.routeSet.length === 0 && (flow.reliable || leadsElsewhere(dialog.remoteTarget, flow)))
      return flow;
    return nextHopOf(request);
  }

  #refresh(): void {
    if (this.#over || this.#main === undefined) return;
    const user: ResponseUser = {
      sent: () => {},
      response: (response) => {
        if (response.status === 491) this.#context.clock.after(2_000 + Math.random() * 2_000, () => this.#refresh());
        else if (response.status < 300 && method === 'INVITE')
          this.acknowledge({ headers: new SipHeaders(), body: new Uint8Array() });
      },
    };
    const method = this.#theyUpdate || this.#localSdp === undefined ? 'UPDATE' : 'INVITE';
    this.request(
      {
        method,
        headers: new SipHeaders(),
        body: method === 'INVITE' ? (this.#localSdp ?? new Uint8Array()) : new Uint8Array(),
      },
      user,
    );
  }

  #learn(headers: SipHeaders): void {
    if (headers.has('Allow')) this.#theyUpdate = headers.all('Allow').includes('UPDATE');
  }

  #add(dialog: Dialog): void {
    this.#dialogs.set(dialog.remoteTag, dialog);
    this.#user.dialogAdded(dialog, this);
  }

  #remove(dialog: Dialog): void {
    this.#dialogs.delete(dialog.remoteTag);
    dialog.state = 'terminated';
    this.#user.dialogRemoved(dialog, this);
  }

  #quiet(): void {
    this.#timer.stop();
    this.#server?.stop();
  }

  #close(): void {
    if (this.#over) return;
    if (this.#server?.open) this.#server.respondWith(487);
    this.#over = true;
    this.#quiet();
    for (const dialog of [...this.#dialogs.values()]) this.#remove(dialog);
    this.#user.over(this);
  }
}

const silent = { sent: () => {}, response: () => {}, ended: () => {} };

/** A NAT rewrote the address, so that its own is not the one that reaches it. */
function leadsElsewhere(target: string, flow: Flow): boolean {
  const uri = parseUri(target);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return true;
  const isAddress =
    /^[\d.]+$|:/.test(uri.host) && parseHostPort(uri.host.includes(':') ? `[${uri.host}]` : uri.host) !== undefined;
  return isAddress && (uri.host !== flow.remote.address || (uri.port ?? 5060) !== flow.remote.port);
}
