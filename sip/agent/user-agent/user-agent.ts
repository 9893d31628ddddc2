import type { Clock } from '../../../core/clock.ts';
import { keyOfRequest, nextHopOf } from '../dialogs/dialog.ts';
import { isTooShort, type SessionTimerOptions, sessionTimerOptions } from '../dialogs/session-timer.ts';
import { DeadTargets } from '../location/dead-targets.ts';
import { DnsCache } from '../location/dns-cache.ts';
import { type DnsRecords, SystemDns } from '../location/dns-records.ts';
import { checkRequest } from '../messages/check-request.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { MessageFault, SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import type { Replaces } from '../messages/parse-replaces.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';
import { defaultTiming, type Timing } from '../transactions/timing.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import { TransactionLayer, type TransactionStats } from '../transactions/transaction-layer.ts';
import type { Endpoint, Protocol } from '../transports/endpoint.ts';
import type { Flow } from '../transports/flow.ts';
import { type Listen, type TransportLimits, transportLimits } from '../transports/listen.ts';
import type { Transport, TransportUser } from '../transports/transport.ts';
import { type MessageTap, Transports, type TransportsUser } from '../transports/transports.ts';
import { buildRequest, contactTowards, prepareFor, viaTowards } from './build-request.ts';
import type { ClientInvite } from './client-invite.ts';
import { ContactFlows } from './contact-flows.ts';
import { type AgentContext, servedMethods, servedOptions } from './context.ts';
import { DialogTable, type KnownDialog } from './dialog-table.ts';
import type { RequestDraft, ResponseDraft } from './draft.ts';
import { nobody } from './in-dialog.ts';
import { InviteSession } from './invite-session.ts';
import { LateForks } from './late-forks.ts';
import { makeAnswer } from './make-answer.ts';
import { OutgoingRequest, type SenderContext, type SenderUser } from './request-sender.ts';
import type { Session, SessionUser } from './session.ts';
import type { EndReason, Incoming, ResponseUser } from './session-events.ts';
import { Subscription } from './subscription.ts';
import { createTag } from './tags.ts';
import { Ways } from './ways.ts';

/** Whoever decides: an application, through the façade. */
export interface UserAgentUser {
  /** A request that wants an answer, by {@link UserAgent.respond}. Within a call it has its session; a first INVITE has a new one. */
  request(incoming: Incoming, session: Session | undefined): void;
  /** The caller took its INVITE back; it was answered 487 already. */
  canceled(cancel: SipRequest, incoming: Incoming, session: Session): void;
  /**
   * The agent itself refused an INVITE that was not answered for good: its time was over (RFC 3261 section 13.3.1), a provisional answer
   * was not acknowledged (RFC 3262 section 3), or the agent ends. `cancel` says so, as its caller would.
   */
  refused(response: SipResponse, cancel: SipRequest, incoming: Incoming, session: Session): void;
  /** The ACK of a 2xx. */
  acknowledged(ack: SipRequest, session: Session, flow: Flow): void;
  /** The agent ended a call by itself. */
  ended(reason: EndReason, bye: SipRequest, session: Session): void;
  /** Nothing is known of this call any more. */
  over(session: Session): void;
}

/** Who may send what: `defence/` has the rules. */
export interface Guard {
  /** Before anything of a source is read. */
  admits(remote: Endpoint): boolean;
  /** A request that is well-formed: what it is refused with; `'drop'` for those who get no answer at all. */
  judge(request: SipRequest, remote: Endpoint, inDialog: boolean, load: Load): Judgement | 'drop' | undefined;
  /** Bytes that were no message, or a request that was refused for its form. */
  offended(remote: Endpoint): void;
}

export interface Judgement {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What there is of each. */
export interface Load {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
}

export interface UserAgentOptions {
  readonly clock: Clock;
  readonly user: UserAgentUser;
  readonly guard: Guard;
  readonly listen: readonly Listen[];
  /** In place of `listen`: a network in memory. */
  readonly transports?: (user: TransportUser) => readonly Transport[];
  readonly limits?: TransportLimits;
  readonly timing?: Timing;
  readonly dns?: DnsRecords;
  readonly sessionTimer?: SessionTimerOptions;
  readonly product?: string;
  /** Hears every message, as it came and as it left, those that are sent again too. */
  readonly tap?: MessageTap;
}

export interface UserAgentStats {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: TransactionStats;
  readonly flows: Partial<Record<Protocol, number>>;
  /** By `in INVITE`, `out 200`, … since the start. */
  readonly messages: ReadonlyMap<string, number>;
  /** Bytes that were no message, and requests that were refused for their form, by status. */
  readonly faults: ReadonlyMap<string, number>;
  /** What transports threw away, by why. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly deadTargets: number;
  /** Contacts that were registered from here on, which their flows lead to. */
  readonly contactFlows: number;
}

/**
 * A SIP user agent for many (RFC 3261): it answers for itself what needs no decision, keeps dialogs and their timers, and hands all
 * else to its user. It knows no users, no rooms and no drachtio.
 */
export class UserAgent {
  readonly #user: UserAgentUser;
  readonly #guard: Guard;
  readonly #transports: Transports;
  readonly #transactions: TransactionLayer;
  readonly #context: AgentContext;
  readonly #sender: SenderContext;
  readonly #dialogs = new DialogTable();
  readonly #sessions = new Set<Session>();
  /** Ours, for the NOTIFY that comes before their answer. */
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #contactFlows: ContactFlows;
  readonly #lateForks: LateForks;
  /** INVITEs that came, for CANCEL: as long as their transactions are there. */
  readonly #invites = new WeakMap<
    ServerTransaction,
    { readonly incoming: Incoming; readonly session: InviteSession }
  >();
  readonly #messages = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #dropped = new Map<string, number>();
  /** Of the message that is being handled, which transactions pass on in the same turn. */
  #arriving: { readonly flow: Flow; readonly bytes: number } | undefined;
  #draining = false;

  readonly #sessionUser: SessionUser = {
    request: (incoming, session) => this.#user.request(incoming, session),
    acknowledged: (ack, session, flow) => this.#user.acknowledged(ack, session, flow),
    refusedByAgent: (response, cancel, incoming, session) => this.#user.refused(response, cancel, incoming, session),
    endedByAgent: (reason, bye, session) => this.#user.ended(reason, bye, session),
    over: (session) => {
      this.#sessions.delete(session);
      const key = subscriptionKey(session.callId, session.inviterTag);
      if (this.#subscriptions.get(key) === session) this.#subscriptions.delete(key);
      this.#user.over(session);
    },
    dialogAdded: (dialog, session) => this.#dialogs.add(dialog, session),
    dialogRemoved: (dialog) => this.#dialogs.remove(dialog),
  };

  /** @throws what the system says about an address that cannot be listened on. */
  static async open(options: UserAgentOptions): Promise<UserAgent> {
    let agent: UserAgent | undefined;
    const user: TransportsUser = {
      message: (message, hop, flow, bytes) => agent?.receive(message, hop, flow, bytes),
      fault: (fault, hop, flow) => agent?.fault(fault, hop, flow),
      alive: () => {},
      closed: () => {},
      dropped: (what) => agent?.dropped(what),
      admits: (remote) => options.guard.admits(remote),
    };
    const transports =
      options.transports === undefined
        ? await Transports.open(options.listen, user, options.limits ?? transportLimits, options.tap)
        : Transports.over(options.transports, user, options.tap);
    agent = new UserAgent(options, transports);
    return agent;
  }

  private constructor(options: UserAgentOptions, transports: Transports) {
    const {
      clock,
      user,
      guard,
      timing = defaultTiming,
      sessionTimer = sessionTimerOptions,
      product = 'Parley',
    } = options;
    this.#user = user;
    this.#guard = guard;
    this.#transports = transports;
    this.#contactFlows = new ContactFlows(clock);
    this.#lateForks = new LateForks(clock);
    this.#transactions = new TransactionLayer({
      clock,
      timing,
      user: {
        request: (transaction) => this.#begin(transaction),
        cancel: (transaction, target) => this.#cancel(transaction, target),
        ack: (ack) => this.#acknowledge(ack),
        strayResponse: (response) => this.#lateForks.hear(this.#context, response),
      },
    });
    const dns = new DnsCache(options.dns ?? new SystemDns(), clock);
    const ipv6 = transports.listening.some(({ address }) => address.includes(':'));
    this.#sender = {
      clock,
      timing,
      ways: new Ways(transports, { dns, ipv6 }, new DeadTargets(clock)),
      transactions: this.#transactions,
      prepare: prepareFor,
    };
    this.#context = {
      clock,
      timing,
      sessionTimer,
      product,
      send: (request, to, sender) => this.#send(request, to, sender),
      sendAck: (ack, to, invite) => void this.#sendAck(ack, to, invite),
      contact: (flow) => this.#contact(flow),
    };
  }

  get listening() {
    return this.#transports.listening;
  }

  get stats(): UserAgentStats {
    return {
      calls: this.#sessions.size,
      dialogs: this.#dialogs.size,
      transactions: this.#transactions.stats,
      flows: this.#transports.flows,
      messages: this.#messages,
      faults: this.#faults,
      dropped: this.#dropped,
      deadTargets: this.#sender.ways.dead.size,
      contactFlows: this.#contactFlows.size,
    };
  }

  get load(): Load {
    return {
      calls: this.#sessions.size,
      dialogs: this.#dialogs.size,
      transactions: this.#transactions.servers,
    };
  }

  get draining(): boolean {
    return this.#draining;
  }

  isInDialog(request: SipRequest): boolean {
    return this.#dialogs.of(request) !== undefined;
  }

  /** New calls are refused with 503, and so is OPTIONS, by which proxies find out (RFC 3261 section 11). Calls go on. */
  drain(draining = true): void {
    this.#draining = draining;
  }

  /**
   * A request outside of any call, or the INVITE that begins one. From, To, Call-ID and CSeq are taken where the draft has them, as a
   * request that is sent again with credentials needs.
   * @param to where it goes if not where its URI says.
   */
  request(
    uri: string,
    draft: RequestDraft,
    to: Flow | string | undefined,
    user: ResponseUser,
  ): Session | OutgoingRequest {
    const request = buildRequest(this.#context.product, uri, draft);
    const next = to ?? nextHopOf(request);
    const where = typeof next === 'string' ? (this.#contactFlows.find(next) ?? next) : next;
    if (subscribing.has(draft.method)) {
      const made = Subscription.outgoing(this.#context, this.#sessionUser, request, where, user);
      this.#sessions.add(made);
      this.#subscriptions.set(subscriptionKey(made.callId, made.inviterTag), made);
      return made;
    }
    if (draft.method !== 'INVITE') return this.#send(request, where, { ...user, ended: () => user.ended?.() });
    const listener: ResponseUser = {
      ...user,
      sent: (sent) => {
        if (sent.hop !== undefined) this.#lateForks.remember(sent.request);
        user.sent(sent);
      },
    };
    const session = InviteSession.outgoing(this.#context, this.#sessionUser, request, where, listener);
    this.#sessions.add(session);
    return session;
  }

  /** What an INVITE wants to take the place of (RFC 3891), or the status that it is to be refused with. */
  findDialog(replaces: Replaces): KnownDialog | 481 | 486 | 603 {
    return this.#dialogs.replacedBy(replaces);
  }

  /** Answers a request that came. The whole answer; undefined when it was answered before. */
  respond(incoming: Incoming, session: Session | undefined, draft: ResponseDraft): SipResponse | undefined {
    const { request, flow } = incoming;
    const response = session?.respond(incoming, draft) ?? this.#answerAlone(incoming, session, draft);
    const accepted = response !== undefined && response.status >= 200 && response.status < 300;
    if (accepted && (request.method === 'REGISTER' || request.method === 'SUBSCRIBE')) {
      this.#contactFlows.remember(request, flow, response);
    }
    return response;
  }

  #answerAlone(incoming: Incoming, session: Session | undefined, draft: ResponseDraft): SipResponse | undefined {
    if (session !== undefined) return undefined;
    const response = makeAnswer(this.#context, incoming.request, incoming.flow, draft, createTag());
    return incoming.transaction.respond(response) ? response : undefined;
  }

  /** Ends every call, closes every socket. */
  async close(): Promise<void> {
    for (const session of [...this.#sessions]) session.end('SHUTDOWN');
    // What was just written leaves in this turn; nobody waits for its answers.
    await new Promise((resolve) => setImmediate(resolve));
    this.#transactions.close();
    await this.#transports.close();
  }

  // What comes from the network

  receive(message: SipMessage, hop: Hop, flow: Flow, bytes: number): void {
    // Others choose methods: those that are not served have one name together, or the counts would grow without bound.
    const method = message.kind === 'request' && !servedMethods.has(message.method) ? 'other' : undefined;
    this.#count(this.#messages, `in ${method ?? (message.kind === 'request' ? message.method : message.status)}`);
    this.#arriving = { flow, bytes };
    try {
      if (message.kind === 'response' || this.#admits(message, hop, flow)) this.#transactions.receive(message, hop);
    } finally {
      this.#arriving = undefined;
    }
  }

  fault(fault: MessageFault, hop: Hop | undefined, flow: Flow): void {
    this.#count(this.#faults, String(fault.answer?.status ?? 'unreadable'));
    this.#guard.offended(flow.remote);
    // Who is banned by now is not answered any more.
    if (!this.#guard.admits(flow.remote)) {
      flow.close();
      return;
    }
    if (fault.answer === undefined || hop === undefined) return;
    this.#answer(fault.answer.request, hop, fault.answer.status, { reason: fault.text });
  }

  dropped(what: string): void {
    this.#count(this.#dropped, what);
  }

  #admits(request: SipRequest, hop: Hop, flow: Flow): boolean {
    const refusal = checkRequest(request, { methods: servedMethods, options: servedOptions });
    // What comes again, or takes back what was taken, is no new work: the answer stays the first one.
    if (refusal === undefined && this.#transactions.knows(request)) return true;
    const judged = refusal ?? this.#guard.judge(request, flow.remote, this.isInDialog(request), this.load);
    if (judged === undefined) return true;
    if (judged !== 'drop') {
      if (refusal !== undefined) {
        this.#count(this.#faults, String(refusal.status));
        // To ask for what we do not have is no offence.
        if (refusal.status === 400) this.#guard.offended(flow.remote);
      }
      // An ACK is never answered.
      if (request.method !== 'ACK') {
        this.#answer(request, hop, judged.status, {
          ...(refusal && { reason: refusal.reason }),
          headers: judged.headers,
        });
      }
    }
    return false;
  }

  #begin(transaction: ServerTransaction): void {
    const incoming = this.#incoming(transaction);
    const { request } = transaction;
    const known = this.#dialogs.of(request) ?? this.#notified(request);
    if (known !== undefined) this.#receiveInDialog(known, incoming);
    else if (keyOfRequest(request) !== undefined || needsDialog.has(request.method)) this.#refuse(transaction, 481);
    else if (this.#draining && drained.has(request.method)) this.#refuse(transaction, 503, [['Retry-After', '60']]);
    else if (request.method === 'INVITE') this.#ring(incoming);
    else if (subscribing.has(request.method)) {
      const session = Subscription.incoming(this.#context, this.#sessionUser, incoming, createTag());
      this.#sessions.add(session);
      this.#user.request(incoming, session);
    } else {
      transaction.serve(nobody);
      this.#user.request(incoming, undefined);
    }
  }

  #notified(request: SipRequest): KnownDialog | undefined {
    if (request.method !== 'NOTIFY') return undefined;
    const { headers } = request;
    const session = this.#subscriptions.get(
      subscriptionKey(headers.get('Call-ID') ?? '', tagOf(headers.get('To')) ?? ''),
    );
    const dialog = session?.adopt(request);
    return session === undefined || dialog === undefined ? undefined : { dialog, session };
  }

  #receiveInDialog({ dialog, session }: KnownDialog, incoming: Incoming): void {
    if (session instanceof InviteSession) this.#invites.set(incoming.transaction, { incoming, session });
    session.receive(dialog, incoming);
  }

  #ring(incoming: Incoming): void {
    const { transaction, request } = incoming;
    if (isTooShort(request.headers, this.#context.sessionTimer)) {
      this.#refuse(transaction, 422, [['Min-SE', String(this.#context.sessionTimer.least)]]);
      return;
    }
    const session = InviteSession.incoming(this.#context, this.#sessionUser, incoming, createTag());
    this.#sessions.add(session);
    this.#invites.set(transaction, { incoming, session });
    this.#user.request(incoming, session);
  }

  #cancel(transaction: ServerTransaction, target: ServerTransaction | undefined): void {
    transaction.serve(nobody);
    const known = target === undefined ? undefined : this.#invites.get(target);
    const status = target === undefined ? 481 : 200;
    const toTag = tagOf(target?.answer?.headers.get('To')) ?? createTag();
    transaction.respond(makeResponse(transaction.request, status, { toTag }));
    if (target === undefined || known === undefined || !known.session.receiveCancel(target)) return;
    this.#user.canceled(transaction.request, known.incoming, known.session);
  }

  #acknowledge(ack: SipRequest): void {
    const session = this.#dialogs.of(ack)?.session;
    if (this.#arriving !== undefined && session instanceof InviteSession) session.receiveAck(ack, this.#arriving.flow);
  }

  #incoming(transaction: ServerTransaction): Incoming {
    if (this.#arriving === undefined) throw new Error('a request from nowhere');
    return { transaction, request: transaction.request, ...this.#arriving };
  }

  // What goes to the network

  #send(request: SipRequest, to: Flow | string, user: SenderUser): OutgoingRequest {
    return new OutgoingRequest(this.#sender, request, to, {
      sent: (sent) => {
        if (sent.hop !== undefined) this.#count(this.#messages, `out ${request.method}`);
        user.sent(sent);
      },
      response: (response, hop) => user.response(response, hop),
      ended: () => user.ended(),
    });
  }

  async #sendAck(ack: SipRequest, to: Flow | string, invite: ClientInvite): Promise<void> {
    try {
      const hop = await this.#sender.ways.hopFor(ack, to);
      ack.headers.prepend('Via', viaTowards(hop));
      this.#count(this.#messages, 'out ACK');
      invite.acknowledge(ack, hop);
    } catch {
      // The 2xx comes again, and brings about another attempt; without an ACK the other side ends the call.
    }
  }

  #contact(flow: Pick<Hop, 'transport' | 'sentBy'> | undefined): string {
    if (flow !== undefined) return contactTowards(flow);
    const [first] = this.#transports.listening;
    if (first === undefined) return '<sip:localhost>';
    return contactTowards({ transport: first.protocol, sentBy: { host: first.address, port: first.port } });
  }

  #refuse(transaction: ServerTransaction, status: number, extra: readonly (readonly [string, string])[] = []): void {
    transaction.serve(nobody);
    const response = makeResponse(transaction.request, status, { toTag: createTag() });
    for (const [name, value] of extra) response.headers.add(name, value);
    transaction.respond(response);
  }

  /** Without a transaction: what comes again is answered again. */
  #answer(
    request: SipRequest,
    hop: Hop,
    status: number,
    { reason, headers = [] }: { readonly reason?: string; readonly headers?: readonly (readonly [string, string])[] },
  ): void {
    const response = makeResponse(request, status, { toTag: createTag(), ...(reason !== undefined && { reason }) });
    for (const [name, value] of headers) response.headers.add(name, value);
    this.#count(this.#messages, `out ${status}`);
    hop.send(serializeMessage(response)).catch(() => {});
  }

  #count(counts: Map<string, number>, what: string): void {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
}

/** Outside of a dialog they mean nothing. */
const needsDialog: ReadonlySet<string> = new Set(['BYE', 'PRACK', 'UPDATE', 'INFO']);
/** What a node that is being replaced takes no more. */
const drained: ReadonlySet<string> = new Set(['INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE']);
/** What begins a subscription (RFC 6665, RFC 3515). */
const subscribing: ReadonlySet<string> = new Set(['SUBSCRIBE', 'REFER']);

function subscriptionKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}
