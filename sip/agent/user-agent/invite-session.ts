import type { Dialog } from '../dialogs/dialog.ts';
import { answerTerms, isTooShort, type SessionTerms } from '../dialogs/session-timer.ts';
import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Hop } from '../transactions/hop.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import type { Flow } from '../transports/flow.ts';
import { CallDialogs } from './call-dialogs.ts';
import { CallSubscriptions } from './call-subscriptions.ts';
import { ClientInvite } from './client-invite.ts';
import type { AgentContext } from './context.ts';
import { addDraft, contentType, isSdp, type RequestDraft, type ResponseDraft } from './draft.ts';
import { endReasons } from './end-reasons.ts';
import { Farewell } from './farewell.ts';
import { reliableNumber } from './forks.ts';
import { buildInDialog, failHere, refuse, silent } from './in-dialog.ts';
import { makeAnswer } from './make-answer.ts';
import { Offers } from './offers.ts';
import type { OutgoingRequest } from './request-sender.ts';
import { ServerInvite } from './server-invite.ts';
import { Session, type SessionUser } from './session.ts';
import type { EndReason, Incoming, ResponseUser } from './session-events.ts';
import { SessionRefresh } from './session-refresh.ts';
import { WayToPeer } from './way-to-peer.ts';

/**
 * One call: an INVITE and what belongs to it, until the BYE (RFC 3261 sections 12 to 15). An INVITE of ours may have several early
 * dialogs, one for each phone that it rang at; the first that accepts is the call.
 */
export class InviteSession extends Session {
  readonly #context: AgentContext;
  readonly #user: SessionUser;
  readonly #localTag: string;
  readonly #dialogs: CallDialogs;
  readonly #subscriptions: CallSubscriptions;
  readonly #refresh: SessionRefresh;
  readonly #way = new WayToPeer();
  readonly #offers = new Offers();
  readonly #farewell = new Farewell();
  #outgoing: OutgoingRequest | undefined;
  #server: ServerInvite | undefined;
  #client: ClientInvite | undefined;
  /** The call is over; its dialog may live on for a subscription in it. */
  #ended = false;
  #over = false;

  private constructor(
    context: AgentContext,
    user: SessionUser,
    about: { readonly role: 'uac' | 'uas'; readonly invite: SipRequest; readonly localTag: string },
  ) {
    const { headers } = about.invite;
    const [callId, inviterTag] = [headers.get('Call-ID') ?? '', tagOf(headers.get('From')) ?? ''];
    super({ role: about.role, callId, inviterTag });
    this.#context = context;
    this.#user = user;
    this.#localTag = about.localTag;
    this.#dialogs = new CallDialogs({
      added: (dialog) => user.dialogAdded(dialog, this),
      removed: (dialog) => user.dialogRemoved(dialog, this),
    });
    this.#subscriptions = new CallSubscriptions(context, {
      say: (fields) => this.#notify(fields),
      ended: () => this.#finish(),
    });
    this.#refresh = new SessionRefresh(context, about.role === 'uac', {
      request: (draft, listener) => void this.request(draft, listener),
      acknowledge: () => void this.acknowledge({ headers: new SipHeaders(), body: noBody }),
      expired: () => this.end('SESSION_EXPIRED'),
    });
  }

  /** A call that came. `toTag` is ours. */
  static incoming(context: AgentContext, user: SessionUser, incoming: Incoming, toTag: string): InviteSession {
    const session = new InviteSession(context, user, { role: 'uas', invite: incoming.request, localTag: toTag });
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
  ): InviteSession {
    const localTag = tagOf(request.headers.get('From')) ?? '';
    const session = new InviteSession(context, user, { role: 'uac', invite: request, localTag });
    session.#offers.sent('INVITE', true);
    if (isSdp(request.headers, request.body)) session.#refresh.localSdp = request.body;
    session.#outgoing = context.send(request, to, {
      sent: (sent) => {
        session.#client = new ClientInvite(sent.request);
        responseUser.sent(sent);
      },
      response: (response, hop) => session.#hearFirst(response, hop, responseUser),
      ended: () => responseUser.ended?.(),
    });
    return session;
  }

  /** The one that accepted, or the newest early one. */
  get dialog(): Dialog | undefined {
    return this.#dialogs.current;
  }

  get state(): 'early' | 'confirmed' | 'over' {
    if (this.#over) return 'over';
    return this.#dialogs.main?.state === 'confirmed' ? 'confirmed' : 'early';
  }

  override get ended(): boolean {
    return this.#ended;
  }

  override cancel(extra?: Iterable<readonly [string, string]>): SipRequest | undefined {
    return this.#outgoing?.cancel(extra);
  }

  receive(dialog: Dialog, incoming: Incoming): void {
    const { request, flow } = incoming;
    this.#way.heard(request, flow);
    this.#refresh.learn(request.headers);
    if (!dialog.admits(request)) this.#refuse(incoming, 500, [['Retry-After', '1']]);
    else if (this.#subscriptions.has(request, 'them')) {
      if (request.method === 'NOTIFY') dialog.refreshTarget(request.headers);
      this.#user.request(incoming, this);
      this.#subscriptions.heard(request);
    } else if (this.#ended) this.#refuse(incoming, 481);
    else if (request.method === 'BYE') this.#receiveBye(dialog, incoming);
    else if (this.#farewell.begun) this.#refuse(incoming, 481);
    else if (request.method === 'INVITE') this.#receiveInvite(dialog, incoming);
    else if (request.method === 'UPDATE') this.#receiveUpdate(dialog, incoming);
    else if (request.method === 'PRACK' && !this.#server?.acknowledgeProvisional(request)) this.#refuse(incoming, 481);
    else this.#user.request(incoming, this);
  }

  /** The ACK of a 2xx of ours, or nothing that is known. */
  receiveAck(ack: SipRequest, flow: Flow): void {
    this.#way.heard(ack, flow);
    this.#server?.acknowledge(ack);
  }

  /** The caller took an INVITE back: it is answered 487, unless it was answered. */
  receiveCancel(invite: ServerTransaction): boolean {
    if (this.#server?.transaction !== invite || !this.#server.open) return false;
    this.#server.respondWith(487);
    return true;
  }

  respond(incoming: Incoming, draft: ResponseDraft): SipResponse | undefined {
    const { transaction, request, flow } = incoming;
    if (request.method === 'INVITE') {
      return transaction === this.#server?.transaction ? this.#server.respond(draft) : undefined;
    }
    const response = makeAnswer(this.#context, request, flow, draft, this.#localTag);
    const terms = request.method === 'UPDATE' && draft.status < 300 ? this.#agree(request, response) : undefined;
    if (!transaction.respond(response)) return undefined;
    this.#subscriptions.granted(request, response);
    if (transaction === this.#offers.theirUpdate && draft.status >= 200) {
      this.#offers.theirUpdate = undefined;
      if (draft.status < 300 && !this.#ended) this.#refresh.answered(terms);
      if (draft.status < 300 && isSdp(draft.headers, draft.body)) this.#refresh.localSdp = draft.body;
    }
    return response;
  }

  request(draft: RequestDraft, user: ResponseUser): OutgoingRequest | undefined {
    const { method, headers, body } = draft;
    const dialog = this.#dialogs.for(method, headers);
    if (dialog === undefined || this.#over) return undefined;
    const request = buildInDialog(this.#context, dialog, this.#way.flow, draft);
    if (method === 'INVITE' || method === 'UPDATE') this.#refresh.addTo(request.headers);
    const wrong = this.#wrongNow(request);
    if (wrong !== undefined) {
      failHere(request, wrong, user);
      return undefined;
    }
    if (method === 'BYE') return this.#leave(dialog, request, user);
    this.#offers.sent(method, body.length > 0);
    if (isSdp(headers, body)) this.#refresh.localSdp = body;
    return this.#send(dialog, request, user);
  }

  override acknowledge(draft: Pick<RequestDraft, 'headers' | 'body'>): SipRequest | undefined {
    const [dialog, client] = [this.#dialogs.main, this.#client];
    if (dialog === undefined || client === undefined || this.#ended) return undefined;
    const ack = dialog.makeRequest('ACK', client.cseq);
    addDraft(ack.headers, draft.headers);
    const type = contentType(draft.headers, draft.body);
    if (type !== undefined) ack.headers.set('Content-Type', type);
    if (isSdp(draft.headers, draft.body)) this.#refresh.localSdp = draft.body;
    const whole = { ...ack, body: draft.body };
    this.#context.sendAck(whole, this.#way.to(dialog, whole), client);
    return whole;
  }

  /** Refuses, takes back or says BYE. */
  end(reason: EndReason): void {
    const dialog = this.#dialogs.main;
    this.#subscriptions.close(reason === 'DIALOG_GONE' ? undefined : lastWord(reason));
    if (this.#ended) return;
    if (dialog?.state !== 'confirmed') {
      // Who is gone is told nothing.
      if (reason === 'APPLICATION_GONE') this.#server?.respondWith(503);
      else this.#server?.refuse(503, endReasons[reason]);
      this.cancel([['Reason', endReasons[reason]]]);
      this.#close();
    } else if (this.#farewell.begun) {
      // It said BYE already; nobody waits for the answer.
      this.#farewell.say();
      if (reason === 'SHUTDOWN') this.#close();
    } else {
      const headers = SipHeaders.of([['Reason', endReasons[reason]]]);
      const bye = buildInDialog(this.#context, dialog, this.#way.flow, { method: 'BYE', headers, body: noBody });
      this.#user.endedByAgent(reason, bye, this);
      const say = () => {
        if (reason !== 'DIALOG_GONE') this.#context.send(bye, this.#way.to(dialog, bye), silent);
        this.#close();
      };
      if (this.#server?.unacknowledged && reason !== 'SHUTDOWN') this.#postpone(say);
      else say();
    }
  }

  // What came

  #serve(incoming: Incoming): void {
    const { transaction, flow, request } = incoming;
    this.#way.heard(request, flow);
    this.#refresh.learn(request.headers);
    const first = this.#dialogs.main === undefined;
    this.#server = new ServerInvite(this.#context, transaction, flow, this.#localTag, {
      answered: (response, terms) => this.#answered(request, response, terms),
      refusedHere: (response, cancel) => this.#user.refusedByAgent(response, cancel, incoming, this),
      refused: () => {
        if (first) this.#close();
      },
      acknowledged: (ack) => {
        this.#user.acknowledged(ack, this, this.#way.flow ?? flow);
        this.#farewell.say();
      },
      unacknowledged: () => {
        if (!this.#farewell.say()) this.end('ACK_TIMEOUT');
      },
      dropped: () => {
        const dialog = this.#dialogs.main;
        if (!first || dialog === undefined) return;
        // The application takes the call for accepted. The other side never heard of that: this BYE goes nowhere.
        const headers = SipHeaders.of([['Reason', endReasons.ACK_TIMEOUT]]);
        const bye = buildInDialog(this.#context, dialog, flow, { method: 'BYE', headers, body: noBody });
        this.#user.endedByAgent('ACK_TIMEOUT', bye, this);
      },
    });
  }

  #receiveBye(dialog: Dialog, incoming: Incoming): void {
    if (this.#farewell.begun) {
      // Both hung up at once. The application knows.
      this.#refuse(incoming, 200);
      if (!this.#farewell.say()) this.#close();
    } else if (this.role === 'uac' && this.#dialogs.main === undefined) {
      // One phone of many: the others go on ringing (section 15 has it from the caller only).
      this.#refuse(incoming, 200);
      this.#dialogs.remove(dialog);
    } else {
      this.#user.request(incoming, this);
      this.#close();
    }
  }

  #receiveInvite(dialog: Dialog, incoming: Incoming): void {
    const { headers } = incoming.request;
    const status = this.#offers.refusalOfInvite(this.#server);
    if (status !== undefined || isTooShort(headers, this.#context.sessionTimer)) {
      this.#refuseOffer(incoming, status);
      return;
    }
    dialog.refreshTarget(headers);
    this.#serve(incoming);
    this.#user.request(incoming, this);
  }

  #receiveUpdate(dialog: Dialog, incoming: Incoming): void {
    const { request, transaction } = incoming;
    const status = this.#offers.refusalOfUpdate(request.body.length > 0, this.#server);
    if (status !== undefined || isTooShort(request.headers, this.#context.sessionTimer)) {
      this.#refuseOffer(incoming, status);
      return;
    }
    dialog.refreshTarget(request.headers);
    this.#offers.theirUpdate = transaction;
    const ended = () => {
      if (this.#offers.theirUpdate === transaction) this.#offers.theirUpdate = undefined;
    };
    transaction.serve({ failed: () => {}, ended });
    this.#user.request(incoming, this);
  }

  #answered(request: SipRequest, response: SipResponse, terms: SessionTerms | undefined): void {
    if (isSdp(response.headers, response.body)) this.#refresh.localSdp = response.body;
    const dialog = this.#dialogs.answered(request, response);
    if (response.status < 200) return;
    dialog.confirm();
    this.#refresh.answered(terms);
  }

  #agree(request: SipRequest, response: SipResponse): SessionTerms | undefined {
    const terms = answerTerms(request.headers, this.#context.sessionTimer);
    if (terms === undefined) return undefined;
    response.headers.set('Session-Expires', `${terms.interval};refresher=${terms.refresher}`);
    if (terms.refresher === 'uac') response.headers.set('Require', 'timer');
    return terms;
  }

  #refuse(incoming: Incoming, status: number, extra?: readonly (readonly [string, string])[]): void {
    refuse(this.#context, incoming, this.#localTag, status, extra);
  }

  /** Without a status, the interval that it asks for is too short. */
  #refuseOffer(incoming: Incoming, status: 491 | 500 | undefined): void {
    if (status === 491) this.#refuse(incoming, 491);
    else if (status === 500) this.#refuse(incoming, 500, [['Retry-After', String(Math.floor(Math.random() * 10))]]);
    else this.#refuse(incoming, 422, [['Min-SE', String(this.#context.sessionTimer.least)]]);
  }

  // What we asked

  #hearFirst(response: SipResponse, hop: Hop | undefined, user: ResponseUser): void {
    const tag = tagOf(response.headers.get('To')) ?? '';
    if (response.status < 200) {
      // A 100 says nothing to an application.
      if (response.status === 100 || this.#ended || !this.#dialogs.forks.admits(response, tag)) return;
      if (tag !== '') this.#early(tag, response, hop);
      user.response(response, hop);
      return;
    }
    this.#offers.answered('INVITE', true);
    if (response.status >= 300) {
      user.response(response, hop);
      this.#close();
    } else if (this.#dialogs.main === undefined && !this.#ended) {
      this.#accept(tag, response, hop);
      user.response(response, hop);
    } else if (this.#dialogs.main?.remoteTag !== tag || this.#ended) {
      // Of another phone, or too late.
      this.#client?.hangUp(this.#context, response);
    } else {
      this.#client?.isCopy(response);
    }
  }

  #accept(tag: string, response: SipResponse, hop: Hop | undefined): void {
    this.#way.answered(hop);
    this.#refresh.learn(response.headers);
    if (this.#client !== undefined) this.#dialogs.accepted(this.#client.request, response, tag);
    this.#refresh.accepted(response);
  }

  #early(tag: string, response: SipResponse, hop: Hop | undefined): void {
    this.#way.answered(hop);
    this.#refresh.learn(response.headers);
    if (reliableNumber(response) !== undefined && isSdp(response.headers, response.body))
      this.#offers.answeredEarly = true;
    if (this.#client !== undefined) this.#dialogs.rings(this.#client.request, response, tag);
  }

  #send(dialog: Dialog, request: SipRequest, user: ResponseUser): OutgoingRequest {
    let client: ClientInvite | undefined;
    this.#subscriptions.sent(request);
    return this.#context.send(request, this.#way.to(dialog, request), {
      sent: (sent) => {
        if (request.method === 'INVITE') client = new ClientInvite(sent.request);
        if (client !== undefined) this.#client = client;
        user.sent(sent);
      },
      response: (response, hop) => this.#hear(dialog, { request, client }, response, hop, user),
      ended: () => user.ended?.(),
    });
  }

  #hear(
    dialog: Dialog,
    { request, client }: { readonly request: SipRequest; readonly client: ClientInvite | undefined },
    response: SipResponse,
    hop: Hop | undefined,
    user: ResponseUser,
  ): void {
    const { method } = request;
    const { status } = response;
    const success = status >= 200 && status < 300;
    if (success && client !== undefined) {
      // Again: for its ACK was lost, or is not there yet.
      if (client.isCopy(response) || client.answered) return;
      client.answered = true;
      if (this.#ended) client.hangUp(this.#context, response);
    }
    if (status >= 200) this.#offers.answered(method, request.body.length > 0);
    if (success && !this.#ended && (method === 'INVITE' || method === 'UPDATE')) {
      dialog.refreshTarget(response.headers);
      this.#refresh.accepted(response);
    }
    if (status > 100) user.response(response, hop);
    this.#subscriptions.answered(request, response);
    if (status < 200 || this.#ended) return;
    if (method === 'BYE') this.#close();
    // The other side knows nothing of the call, or is not there any more (section 12.2.1.2). A PRACK or NOTIFY may have been for
    // something in it that is gone.
    else if (dialog.state !== 'confirmed' || method === 'PRACK' || method === 'NOTIFY') return;
    else if (status === 481) this.end('DIALOG_GONE');
    else if (status === 408) this.end('NO_ANSWER');
  }

  #leave(dialog: Dialog, bye: SipRequest, user: ResponseUser): OutgoingRequest | undefined {
    if (!this.#server?.unacknowledged) {
      this.#farewell.begin();
      this.#refresh.stop();
      return this.#send(dialog, bye, user);
    }
    // The one that accepted must not hang up before its 2xx arrived (section 15).
    this.#postpone(() => void this.#send(dialog, bye, user));
    return undefined;
  }

  #postpone(say: () => void): void {
    this.#refresh.stop();
    this.#farewell.postpone(say);
  }

  /** Why a request of the application cannot be sent, or not now. */
  #wrongNow({ method, headers, body }: SipRequest): 481 | 491 | undefined {
    const gone = this.#ended || this.#farewell.begun;
    if (gone && !this.#subscriptions.has({ method, headers }, 'us')) return 481;
    return this.#offers.glares(method, body.length > 0, this.#server) ? 491 : undefined;
  }

  #notify(fields: readonly (readonly [string, string])[]): void {
    const dialog = this.#dialogs.main;
    if (dialog === undefined) return;
    const draft = { method: 'NOTIFY', headers: SipHeaders.of(fields), body: noBody };
    const notify = buildInDialog(this.#context, dialog, this.#way.flow, draft);
    this.#context.send(notify, this.#way.to(dialog, notify), silent);
  }

  /** The call is over. Its dialog is, unless something in it is subscribed to (RFC 5057 section 4.2). */
  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#farewell.forget();
    const dialog = this.#dialogs.main;
    const confirmed = dialog?.state === 'confirmed';
    // Nobody accepts it any more, and no one answers (section 15.1.2).
    if (!confirmed) this.cancel();
    this.#server?.respondWith(487);
    this.#server?.stop();
    this.#refresh.stop();
    this.#dialogs.clear(confirmed ? dialog : undefined);
    if (!confirmed) this.#subscriptions.close(undefined);
    this.#finish();
  }

  #finish(): void {
    if (!this.#ended || this.#over || this.#subscriptions.size > 0) return;
    this.#over = true;
    this.#dialogs.clear();
    this.#user.over(this);
  }
}

/** Whether who is notified may ask for it anew (RFC 6665 section 4.1.3). */
export function lastWord(reason: EndReason): string {
  return reason === 'SHUTDOWN' ? 'deactivated' : 'noresource';
}
