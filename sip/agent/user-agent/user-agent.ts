import { nextHopOf } from '../dialogs/dialog.ts';
import { sessionTimerOptions } from '../dialogs/session-timer.ts';
import { SystemDns } from '../location/dns-records.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import type { Replaces } from '../messages/parse-replaces.ts';
import type { Hop } from '../transactions/hop.ts';
import { defaultTiming } from '../transactions/timing.ts';
import { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Flow } from '../transports/flow.ts';
import { transportLimits } from '../transports/listen.ts';
import { Transports, type TransportsUser } from '../transports/transports.ts';
import { buildRequest } from './build-request.ts';
import { ContactFlows } from './contact-flows.ts';
import type { AgentContext } from './context.ts';
import type { KnownDialog } from './dialog-table.ts';
import type { RequestDraft, ResponseDraft } from './draft.ts';
import { Gate } from './gate.ts';
import type { Load } from './guard.ts';
import { Inbound, subscribing } from './inbound.ts';
import { InviteSession } from './invite-session.ts';
import { KeepAlives, keepAliveSeconds } from './keep-alives.ts';
import { LateForks } from './late-forks.ts';
import { makeAnswer } from './make-answer.ts';
import { Outbound } from './outbound.ts';
import type { OutgoingRequest } from './request-sender.ts';
import type { Session } from './session.ts';
import type { Incoming, ResponseUser } from './session-events.ts';
import { Sessions } from './sessions.ts';
import { Subscription } from './subscription.ts';
import { createTag } from './tags.ts';
import type { UserAgentOptions } from './user-agent-options.ts';
import type { UserAgentStats } from './user-agent-stats.ts';

/**
 * A SIP user agent for many (RFC 3261): it answers for itself what needs no decision, keeps dialogs and their timers, and hands all
 * else to its user. It knows no users, no rooms and no drachtio.
 */
export class UserAgent {
  readonly #transports: Transports;
  readonly #transactions: TransactionLayer;
  readonly #context: AgentContext;
  readonly #sessions: Sessions;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #contactFlows: ContactFlows;
  readonly #lateForks: LateForks;
  readonly #keepAlives: KeepAlives;
  readonly #gate: Gate;

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
    this.#transports = transports;
    this.#contactFlows = new ContactFlows(clock);
    this.#lateForks = new LateForks(clock, (next) => this.#contactFlows.wayTo(next));
    const keepSeconds = options.keepAliveSeconds ?? keepAliveSeconds;
    this.#keepAlives = new KeepAlives(clock, keepSeconds);
    this.#sessions = new Sessions(user, (session) => this.#keepAlives.release(session));
    this.#transactions = new TransactionLayer({
      clock,
      timing,
      pings: keepSeconds > 0,
      user: {
        request: (transaction) => this.#inbound.begin(transaction),
        cancel: (transaction, target) => this.#inbound.cancel(transaction, target),
        ack: (ack) => this.#inbound.acknowledge(ack),
        strayResponse: (response) => this.#lateForks.hear(this.#context, response),
        answered: (status) => this.#gate.sent(String(status)),
      },
    });
    this.#gate = new Gate(guard, {
      knows: (request) => this.#transactions.knows(request),
      isInDialog: (request) => this.isInDialog(request),
      awaits: (notify) => this.#sessions.awaits(notify),
      load: () => this.load,
    });
    this.#outbound = new Outbound({
      clock,
      timing,
      transports,
      transactions: this.#transactions,
      dns: options.dns ?? new SystemDns(),
      sent: (method) => this.#gate.sent(method),
      answered: (request, response, hop) =>
        this.#keepAlives.answered(request, response, hop, this.#sessions.dialogs.ofAnswer(response)?.session),
    });
    this.#context = {
      clock,
      timing,
      sessionTimer,
      product,
      send: (request, to, sender) => this.#outbound.send(request, to, sender),
      sendAck: (ack, to, invite) => void this.#outbound.sendAck(ack, to, invite),
      contact: (flow) => this.#outbound.contact(flow),
    };
    this.#inbound = new Inbound({
      user,
      context: this.#context,
      sessions: this.#sessions,
      contacts: this.#contactFlows,
    });
  }

  get listening() {
    return this.#transports.listening;
  }

  get stats(): UserAgentStats {
    return {
      calls: this.#sessions.size,
      dialogs: this.#sessions.dialogs.size,
      transactions: this.#transactions.stats,
      flows: this.#transports.flows,
      ...this.#gate.counts,
      deadTargets: this.#outbound.deadTargets,
      contactFlows: this.#contactFlows.size,
      keptFlows: this.#keepAlives.size,
    };
  }

  get load(): Load {
    return {
      calls: this.#sessions.size,
      dialogs: this.#sessions.dialogs.size,
      transactions: this.#transactions.servers,
    };
  }

  get draining(): boolean {
    return this.#inbound.draining;
  }

  isInDialog(request: SipRequest): boolean {
    return this.#sessions.dialogs.of(request) !== undefined;
  }

  /** New calls are refused with 503, and so is OPTIONS, by which proxies find out (RFC 3261 section 11). Calls go on. */
  drain(draining = true): void {
    this.#inbound.draining = draining;
  }

  /** Whether an INVITE of this call waits and nothing came of it so far: what a 100 tells, which applications do not hear of. */
  isUnanswered(callId: string): boolean {
    return this.#outbound.isUnanswered(callId);
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
    const way = this.#contactFlows.wayTo(next);
    if (subscribing.has(draft.method)) {
      const made = Subscription.outgoing(this.#context, this.#sessions.user, request, way, user);
      this.#sessions.add(made);
      return made;
    }
    if (draft.method !== 'INVITE') return this.#context.send(request, way.to, { ...user, ended: () => user.ended?.() });
    const listener: ResponseUser = {
      ...user,
      sent: (sent) => {
        if (sent.hop !== undefined) this.#lateForks.remember(sent.request, next);
        user.sent(sent);
      },
    };
    const session = InviteSession.outgoing(this.#context, this.#sessions.user, request, way, listener);
    this.#sessions.add(session);
    return session;
  }

  /** What an INVITE wants to take the place of (RFC 3891), or the status that it is to be refused with. */
  findDialog(replaces: Replaces): KnownDialog | 481 | 486 | 603 {
    return this.#sessions.dialogs.replacedBy(replaces);
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
    this.#sessions.endAll('SHUTDOWN');
    // What was just written leaves in this turn; nobody waits for its answers.
    await new Promise((resolve) => setImmediate(resolve));
    this.#transactions.close();
    this.#keepAlives.close();
    await this.#transports.close();
  }

  /** A message from the network. */
  receive(message: SipMessage, hop: Hop, flow: Flow, bytes: number): void {
    this.#keepAlives.heard(flow);
    if (this.#gate.admits(message, hop, flow)) this.#inbound.receive(this.#transactions, message, hop, { flow, bytes });
  }
}
