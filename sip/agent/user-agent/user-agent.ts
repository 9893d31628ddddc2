import { keyOfRequest, nextHopOf } from '../dialogs/dialog.ts';
import { isTooShort, sessionTimerOptions } from '../dialogs/session-timer.ts';
import { DeadTargets } from '../location/dead-targets.ts';
import { DnsCache } from '../location/dns-cache.ts';
import { SystemDns } from '../location/dns-records.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import type { Replaces } from '../messages/parse-replaces.ts';
import type { Hop } from '../transactions/hop.ts';
import { defaultTiming } from '../transactions/timing.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Flow } from '../transports/flow.ts';
import { transportLimits } from '../transports/listen.ts';
import { Transports, type TransportsUser } from '../transports/transports.ts';
import { buildRequest, contactTowards, prepareFor, viaTowards } from './build-request.ts';
import type { ClientInvite } from './client-invite.ts';
import { ContactFlows } from './contact-flows.ts';
import { type AgentContext, needsDialog } from './context.ts';
import { DialogTable, type KnownDialog } from './dialog-table.ts';
import type { RequestDraft, ResponseDraft } from './draft.ts';
import { Gate } from './gate.ts';
import type { Load } from './guard.ts';
import { nobody } from './in-dialog.ts';
import { InviteSession } from './invite-session.ts';
import { KeepAlives, keepAliveSeconds } from './keep-alives.ts';
import { LateForks } from './late-forks.ts';
import { makeAnswer } from './make-answer.ts';
import { OutgoingRequest, type SenderContext, type SenderUser } from './request-sender.ts';
import type { Session, SessionUser } from './session.ts';
import type { Incoming, ResponseUser } from './session-events.ts';
import { Subscription } from './subscription.ts';
import { createTag } from './tags.ts';
import type { UserAgentOptions } from './user-agent-options.ts';
import type { UserAgentStats } from './user-agent-stats.ts';
import type { UserAgentUser } from './user-agent-user.ts';
import { Ways } from './ways.ts';

/**
 * A SIP user agent for many (RFC 3261): it answers for itself what needs no decision, keeps dialogs and their timers, and hands all
 * else to its user. It knows no users, no rooms and no drachtio.
 */
export class UserAgent {
  readonly #user: UserAgentUser;
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
  readonly #keepAlives: KeepAlives;
  /** INVITEs that came, for CANCEL: as long as their transactions are there. */
  readonly #invites = new WeakMap<
    ServerTransaction,
    { readonly incoming: Incoming; readonly session: InviteSession }
  >();
  readonly #gate: Gate;
  /** Of the message that is being handled, which transactions pass on in the same turn. */
  #arriving: { readonly flow: Flow; readonly bytes: number } | undefined;
  /** Calls whose INVITE got no answer at all so far, not even 100. As many as transactions, which are bounded. */
  readonly #unanswered = new Set<string>();
  #draining = false;

  readonly #sessionUser: SessionUser = {
    request: (incoming, session) => this.#user.request(incoming, session),
    acknowledged: (ack, session, flow) => this.#user.acknowledged(ack, session, flow),
    refusedByAgent: (response, cancel, incoming, session) => this.#user.refused(response, cancel, incoming, session),
    endedByAgent: (reason, bye, session) => this.#user.ended(reason, bye, session),
    over: (session) => {
      this.#sessions.delete(session);
      this.#keepAlives.release(session);
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
    const partsOf = () => agent && { gate: agent.#gate, contacts: agent.#contactFlows, keepAlives: agent.#keepAlives };
    const user: TransportsUser = {
      message: (message, hop, flow, bytes) => agent?.receive(message, hop, flow, bytes),
      fault: (fault, hop, flow) => partsOf()?.gate.fault(fault, hop, flow),
      alive: (flow, pong) => partsOf()?.keepAlives.heard(flow, pong),
      closed: (flow) => {
        partsOf()?.contacts.closed(flow);
        partsOf()?.keepAlives.closed(flow);
      },
      dropped: (what) => partsOf()?.gate.dropped(what),
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
    this.#transports = transports;
    this.#contactFlows = new ContactFlows(clock);
    this.#lateForks = new LateForks(clock);
    const keepSeconds = options.keepAliveSeconds ?? keepAliveSeconds;
    this.#keepAlives = new KeepAlives(clock, keepSeconds);
    this.#transactions = new TransactionLayer({
      clock,
      timing,
      pings: keepSeconds > 0,
      user: {
        request: (transaction) => this.#begin(transaction),
        cancel: (transaction, target) => this.#cancel(transaction, target),
        ack: (ack) => this.#acknowledge(ack),
        strayResponse: (response) => this.#lateForks.hear(this.#context, response),
        answered: (status) => this.#gate.sent(String(status)),
      },
    });
    this.#gate = new Gate(guard, {
      knows: (request) => this.#transactions.knows(request),
      isInDialog: (request) => this.isInDialog(request),
      awaits: ({ headers }) =>
        this.#subscriptions.has(subscriptionKey(headers.get('Call-ID') ?? '', tagOf(headers.get('To')) ?? '')),
      load: () => this.load,
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
      ...this.#gate.counts,
      deadTargets: this.#sender.ways.dead.size,
      contactFlows: this.#contactFlows.size,
      keptFlows: this.#keepAlives.size,
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

  /** Whether an INVITE of this call waits and nothing came of it so far: what a 100 tells, which applications do not hear of. */
  isUnanswered(callId: string): boolean {
    return this.#unanswered.has(callId);
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
    if (accepted) this.#contactFlows.remember(request, flow, response);
    return response;
  }

  #answerAlone(incoming: Incoming, session: Session | undefined, draft: ResponseDraft): SipResponse | undefined {
    if (session !== undefined) return undefined;
    const response = makeAnswer(this.#context, incoming.request, incoming.flow, draft, createTag());
    return incoming.transaction.respond(response) ? response : undefined;
  }

  /** Ends every call, closes every socket. */
  async close(): Promise<void> {
    this.drain();
    for (const session of [...this.#sessions]) session.end('SHUTDOWN');
    // What was just written leaves in this turn; nobody waits for its answers.
    await new Promise((resolve) => setImmediate(resolve));
    this.#transactions.close();
    this.#keepAlives.close();
    await this.#transports.close();
  }

  // What comes from the network

  receive(message: SipMessage, hop: Hop, flow: Flow, bytes: number): void {
    this.#arriving = { flow, bytes };
    this.#keepAlives.heard(flow);
    try {
      if (this.#gate.admits(message, hop, flow)) this.#transactions.receive(message, hop);
    } finally {
      this.#arriving = undefined;
    }
  }

  #begin(transaction: ServerTransaction): void {
    const incoming = this.#incoming(transaction);
    const { request } = transaction;
    const known = this.#dialogs.of(request) ?? this.#notified(request);
    if (known !== undefined) this.#receiveInDialog(known, incoming);
    else if (keyOfRequest(request) !== undefined || needsDialog.has(request.method)) this.#refuse(transaction, 481);
    else if (this.#draining && drained.has(request.method)) this.#refuse(transaction, 503, [['Retry-After', '60']]);
    else if (!this.#contactFlows.admits(request)) this.#refuse(transaction, 503, [['Retry-After', '60']]);
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
    const replaces = this.#dialogs.refusalOf(request.headers);
    if (replaces !== undefined) {
      this.#refuse(transaction, replaces);
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
    const call = request.method === 'INVITE' ? request.headers.get('Call-ID') : undefined;
    if (call !== undefined) this.#unanswered.add(call);
    const heard = () => call !== undefined && this.#unanswered.delete(call);
    return new OutgoingRequest(this.#sender, request, to, {
      sent: (sent) => {
        if (sent.hop !== undefined) this.#gate.sent(request.method);
        user.sent(sent);
      },
      // A 100 says nothing to an application.
      response: (response, hop) => {
        heard();
        if (response.status <= 100) return;
        user.response(response, hop);
        this.#keepAlives.answered(request, response, hop, this.#dialogs.ofAnswer(response)?.session);
      },
      ended: () => {
        heard();
        user.ended();
      },
    });
  }

  async #sendAck(ack: SipRequest, to: Flow | string, invite: ClientInvite): Promise<void> {
    try {
      const hop = await this.#sender.ways.hopFor(ack, to);
      ack.headers.prepend('Via', viaTowards(hop));
      this.#gate.sent('ACK');
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
}

/** What a node that is being replaced takes no more. */
const drained: ReadonlySet<string> = new Set(['INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE']);
/** What begins a subscription (RFC 6665, RFC 3515). */
const subscribing: ReadonlySet<string> = new Set(['SUBSCRIBE', 'REFER']);

function subscriptionKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}
