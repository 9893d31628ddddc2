import type { Dialog } from '../dialogs/dialog.ts';
import type { SessionTerms } from '../dialogs/session-timer.ts';
import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import type { Flow } from '../transports/flow.ts';
import { agreeOnTimer } from './agree-on-timer.ts';
import { CallDialogs } from './call-dialogs.ts';
import { CallSubscriptions } from './call-subscriptions.ts';
import { ClientInvite } from './client-invite.ts';
import type { AgentContext } from './context.ts';
import { isSdp, type RequestDraft, type ResponseDraft } from './draft.ts';
import { endReasons } from './end-reasons.ts';
import { Farewell } from './farewell.ts';
import { FirstAnswers } from './first-answers.ts';
import { buildAck, buildInDialog, failHere, refuse, silent } from './in-dialog.ts';
import { makeAnswer } from './make-answer.ts';
import { Offers } from './offers.ts';
import { refusalOfOffer } from './refusal-of-offer.ts';
import type { OutgoingRequest } from './request-sender.ts';
import { RequestsWithinCall } from './requests-within-call.ts';
import { ServerInvite } from './server-invite.ts';
import { Session, type SessionUser } from './session.ts';
import type { EndReason, Incoming, ResponseUser } from './session-events.ts';
import { SessionRefresh } from './session-refresh.ts';
import { reasonOfLast } from './subscription-state.ts';
import { type FirstWay, WayToPeer } from './way-to-peer.ts';

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
  readonly #way: WayToPeer;
  readonly #offers = new Offers();
  readonly #farewell = new Farewell(() => this.#refresh.stop());
  #outgoing: OutgoingRequest | undefined;
  #server: ServerInvite | undefined;
  readonly #requests: RequestsWithinCall;
  #over = false;

  private constructor(
    context: AgentContext,
    user: SessionUser,
    about: {
      readonly role: 'uac' | 'uas';
      readonly invite: SipRequest;
      readonly localTag?: string;
      readonly way?: FirstWay;
    },
  ) {
    const { headers } = about.invite;
    const [callId, inviterTag] = [headers.get('Call-ID') ?? '', tagOf(headers.get('From')) ?? ''];
    super({ role: about.role, callId, inviterTag });
    this.#context = context;
    this.#user = user;
    this.#localTag = about.localTag ?? inviterTag;
    this.#way = new WayToPeer(about.way);
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
    const parts = { offers: this.#offers, refresh: this.#refresh, way: this.#way, subscriptions: this.#subscriptions };
    this.#requests = new RequestsWithinCall(context, parts, {
      isEnded: () => this.isEnded,
      left: () => this.#close(),
      failed: (reason) => this.end(reason),
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
    way: FirstWay,
    responseUser: ResponseUser,
  ): InviteSession {
    const session = new InviteSession(context, user, { role: 'uac', invite: request, way });
    session.#offers.sent('INVITE', true);
    if (isSdp(request.headers, request.body)) session.#refresh.localSdp = request.body;
    const answers = session.#firstAnswers(way);
    session.#outgoing = context.send(request, way.to, {
      sent: (sent) => {
        answers.client = new ClientInvite(sent.request);
        session.#requests.invite = answers.client;
        responseUser.sent(sent);
      },
      response: (response, hop) => answers.hear(response, hop, responseUser),
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
    } else if (this.isEnded) this.#refuse(incoming, 481);
    else if (request.method === 'BYE') this.#receiveBye(dialog, incoming);
    else if (this.#farewell.begun) this.#refuse(incoming, 481);
    else if (request.method === 'INVITE' || request.method === 'UPDATE') this.#receiveOffer(dialog, incoming);
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
    const terms =
      request.method === 'UPDATE' && draft.status < 300
        ? agreeOnTimer(request, response, this.#context.sessionTimer)
        : undefined;
    if (!transaction.respond(response)) return undefined;
    this.#subscriptions.granted(request, response);
    if (transaction === this.#offers.theirUpdate && draft.status >= 200) {
      this.#offers.theirUpdate = undefined;
      if (draft.status < 300 && !this.isEnded) this.#refresh.answered(terms);
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
    return this.#requests.send(dialog, request, user);
  }

  override acknowledge(draft: Pick<RequestDraft, 'headers' | 'body'>): SipRequest | undefined {
    const [dialog, client] = [this.#dialogs.main, this.#requests.invite];
    if (dialog === undefined || client === undefined || this.isEnded) return undefined;
    const ack = buildAck(dialog, client, draft);
    if (isSdp(draft.headers, draft.body)) this.#refresh.localSdp = draft.body;
    this.#context.sendAck(ack, this.#way.to(dialog, ack), client);
    return ack;
  }

  /** Refuses, takes back or says BYE. */
  end(reason: EndReason): void {
    const dialog = this.#dialogs.main;
    this.#subscriptions.close(reason === 'DIALOG_GONE' ? undefined : reasonOfLast(reason));
    if (this.isEnded) return;
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
      const bye = this.#make(dialog, 'BYE', [['Reason', endReasons[reason]]]);
      this.#user.endedByAgent(reason, bye, this);
      const say = () => {
        if (reason !== 'DIALOG_GONE') this.#context.send(bye, this.#way.to(dialog, bye), silent);
        this.#close();
      };
      if (this.#server?.unacknowledged && reason !== 'SHUTDOWN') this.#farewell.postpone(say);
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
        const bye = this.#make(dialog, 'BYE', [['Reason', endReasons.ACK_TIMEOUT]]);
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

  #receiveOffer(dialog: Dialog, incoming: Incoming): void {
    const { request, transaction } = incoming;
    const { sessionTimer } = this.#context;
    const refusal = refusalOfOffer(request, { offers: this.#offers, server: this.#server, sessionTimer });
    if (refusal !== undefined) {
      this.#refuse(incoming, refusal.status, refusal.headers);
      return;
    }
    dialog.refreshTarget(request.headers);
    if (request.method === 'INVITE') this.#serve(incoming);
    else this.#offers.take(transaction);
    this.#user.request(incoming, this);
  }

  #answered(request: SipRequest, response: SipResponse, terms: SessionTerms | undefined): void {
    if (isSdp(response.headers, response.body)) this.#refresh.localSdp = response.body;
    const dialog = this.#dialogs.answered(request, response);
    if (response.status < 200) return;
    dialog.confirm();
    this.#refresh.answered(terms);
  }

  #refuse(incoming: Incoming, status: number, extra?: readonly (readonly [string, string])[]): void {
    refuse(this.#context, incoming, this.#localTag, status, extra);
  }

  // What we asked

  #firstAnswers(first: FirstWay): FirstAnswers {
    const parts = { dialogs: this.#dialogs, offers: this.#offers, refresh: this.#refresh, first, way: this.#way };
    return new FirstAnswers(this.#context, parts, { isEnded: () => this.isEnded, refused: () => this.#close() });
  }

  #leave(dialog: Dialog, bye: SipRequest, user: ResponseUser): OutgoingRequest | undefined {
    if (!this.#server?.unacknowledged) {
      this.#farewell.begin();
      return this.#requests.send(dialog, bye, user);
    }
    // The one that accepted must not hang up before its 2xx arrived (section 15).
    this.#farewell.postpone(() => void this.#requests.send(dialog, bye, user));
    return undefined;
  }

  /** Why a request of the application cannot be sent, or not now. */
  #wrongNow({ method, headers, body }: SipRequest): 481 | 491 | undefined {
    const gone = this.isEnded || this.#farewell.begun;
    if (gone && !this.#subscriptions.has({ method, headers }, 'us')) return 481;
    return this.#offers.glares(method, body.length > 0, this.#server) ? 491 : undefined;
  }

  #notify(fields: readonly (readonly [string, string])[]): void {
    const dialog = this.#dialogs.main;
    if (dialog === undefined) return;
    const notify = this.#make(dialog, 'NOTIFY', fields);
    this.#context.send(notify, this.#way.to(dialog, notify), silent);
  }

  /** A request of the agent's own. */
  #make(dialog: Dialog, method: string, fields: readonly (readonly [string, string])[]): SipRequest {
    const draft = { method, headers: SipHeaders.of(fields), body: noBody };
    return buildInDialog(this.#context, dialog, this.#way.flow, draft);
  }

  /** The call is over. Its dialog is, unless something in it is subscribed to (RFC 5057 section 4.2). */
  #close(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#farewell.forget();
    const dialog = this.#dialogs.main;
    const confirmed = dialog?.state === 'confirmed';
    // Nobody accepts it any more, and no one answers (section 15.1.2).
    if (!confirmed) this.cancel();
    this.#requests.takeBackOffer();
    this.#server?.respondWith(487);
    this.#server?.stop();
    this.#refresh.stop();
    this.#dialogs.clear(confirmed ? dialog : undefined);
    if (!confirmed) this.#subscriptions.close(undefined);
    this.#finish();
  }

  #finish(): void {
    if (!this.isEnded || this.#over || this.#subscriptions.size > 0) return;
    this.#over = true;
    this.#dialogs.clear();
    this.#user.over(this);
  }
}
