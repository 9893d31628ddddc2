import { FakeClock } from '../../../../core/fake-clock.ts';
import type { SessionTimerOptions } from '../../dialogs/session-timer.ts';
import type { DnsRecords } from '../../location/dns-records.ts';
import { noBody, type SipRequest, type SipResponse } from '../../messages/message.ts';
import { SipHeaders } from '../../messages/sip-headers.ts';
import type { Flow } from '../../transports/flow.ts';
import type { TransportUser } from '../../transports/transport.ts';
import type { OutgoingRequest, SentRequest } from '../request-sender.ts';
import { Session } from '../session.ts';
import type { Incoming } from '../session-events.ts';
import { UserAgent } from '../user-agent.ts';
import { MemoryNetwork, type MemoryProtocol } from './memory-network.ts';
import { ScriptedPeer } from './scripted-peer.ts';

type Fields = readonly (readonly [string, string])[];

const us = { address: '192.0.2.1', port: 5060 };
const them = { address: '192.0.2.2', port: 5060 };
const phone = { address: '192.0.2.9', port: 5060 };
export const offer = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n';

/** What an application says of a request. */
export function draft(method: string, fields: Fields = [], body = '') {
  return { method, headers: SipHeaders.of(fields), body: body === '' ? noBody : Buffer.from(body) };
}

/** A user agent and the application above it, which writes down what it is told. */
export class AgentOnStage {
  readonly agent: UserAgent;
  readonly incoming: { readonly incoming: Incoming; readonly session: Session | undefined }[] = [];
  /** Of requests that were made here. */
  readonly responses: SipResponse[] = [];
  readonly sent: SentRequest[] = [];
  /** Of refusals of the agent itself. */
  readonly reasons: string[] = [];
  #told: string[] = [];
  #ended = 0;
  #made = 0;
  /** Answers or ignores what comes; a test may take its place. */
  onRequest: (incoming: Incoming, session: Session | undefined) => void = () => {};
  onAcknowledged: (session: Session) => void = () => {};

  private constructor(agent: UserAgent) {
    this.agent = agent;
  }

  static async open(
    network: MemoryNetwork,
    at = us,
    protocols: readonly MemoryProtocol[] = ['UDP', 'TCP', 'WS'],
    options: { readonly sessionTimer?: SessionTimerOptions; readonly dns?: DnsRecords } = {},
  ): Promise<AgentOnStage> {
    let stage: AgentOnStage | undefined;
    const agent = await UserAgent.open({
      clock: network.clock,
      listen: [],
      transports: (user: TransportUser) => protocols.map((protocol) => network.host(protocol, at, user)),
      guard: { admits: () => true, judge: () => undefined, offended: () => {} },
      dns: noNames,
      product: '',
      ...options,
      user: {
        request: (incoming, session) => stage?.hear(incoming, session),
        canceled: () => stage?.tell('canceled'),
        refused: (response, cancel) => {
          stage?.tell(`refused ${response.status}`);
          stage?.reasons.push(cancel.headers.get('Reason') ?? '');
        },
        acknowledged: (_ack, session: Session, _flow: Flow) => {
          stage?.tell('acknowledged');
          stage?.onAcknowledged(session);
        },
        ended: (reason) => stage?.tell(reason),
        over: () => stage?.tell('over'),
      },
    });
    stage = new AgentOnStage(agent);
    return stage;
  }

  hear(incoming: Incoming, session: Session | undefined): void {
    this.incoming.push({ incoming, session });
    this.tell(incoming.request.method);
    this.onRequest(incoming, session);
  }

  tell(what: string): void {
    this.#told.push(what);
  }

  /** What it was told since it was asked last. */
  told(): string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Requests of its own that nothing comes of any more, of those that it made. */
  get unended(): number {
    return this.#made - this.#ended;
  }

  last(method: string) {
    const found = this.incoming.findLast(({ incoming }) => incoming.request.method === method);
    if (found === undefined) throw new Error(`no ${method} came`);
    return found;
  }

  respond(method: string, status: number, fields: Fields = [], body = ''): SipResponse | undefined {
    const { incoming, session } = this.last(method);
    const bytes = body === '' ? noBody : Buffer.from(body);
    return this.agent.respond(incoming, session, { status, headers: SipHeaders.of(fields), body: bytes });
  }

  /** Makes a call, or another request outside of one. */
  request(method: string, uri: string, fields: Fields = [], body = '', to?: Flow | string): Session | OutgoingRequest {
    return this.agent.request(uri, draft(method, fields, body), to, this.listener());
  }

  call(uri: string, fields: Fields = [], to?: Flow | string): Session {
    const made = this.request('INVITE', uri, fields, offer, to);
    if (!(made instanceof Session)) throw new Error('no call was made');
    return made;
  }

  within(session: Session, method: string, fields: Fields = [], body = ''): void {
    // There is nothing to send it in, and nothing is told of it.
    if (session.dialog === undefined || session.state === 'over') return;
    session.request(draft(method, fields, body), this.listener());
  }

  acknowledge(session: Session): SipRequest | undefined {
    return session.acknowledge({ headers: new SipHeaders(), body: noBody });
  }

  listener() {
    this.#made += 1;
    return {
      sent: (sent: SentRequest) => void this.sent.push(sent),
      response: (response: SipResponse) => {
        this.responses.push(response);
        this.tell(String(response.status));
      },
      ended: () => {
        this.#ended += 1;
      },
    };
  }
}

/** Turns the clock, and lets what was promised happen between any two timers. */
export async function advance(clock: FakeClock, ms: number): Promise<void> {
  let rest = ms;
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const next = clock.untilNextMs;
    if (next === undefined || next > rest) break;
    clock.advance(next);
    rest -= next;
  }
  clock.advance(rest);
}

/** Our side, and a phone that says what the test makes it say. */
export async function withPhone(
  options: Parameters<typeof AgentOnStage.open>[3] = {},
  protocol: MemoryProtocol = 'UDP',
): Promise<PhoneStage> {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const ours = await AgentOnStage.open(network, us, ['UDP', 'TCP', 'WS'], options);
  return new PhoneStage(clock, network, ours, new ScriptedPeer(network, phone, protocol));
}

export class PhoneStage {
  readonly clock: FakeClock;
  readonly network: MemoryNetwork;
  readonly us: AgentOnStage;
  readonly phone: ScriptedPeer;

  constructor(clock: FakeClock, network: MemoryNetwork, ours: AgentOnStage, peer: ScriptedPeer) {
    this.clock = clock;
    this.network = network;
    this.us = ours;
    this.phone = peer;
  }

  /** Long enough for a message and its answer. */
  async pass(ms = 50): Promise<void> {
    await advance(this.clock, ms);
  }

  async say(message: Parameters<ScriptedPeer['say']>[0]): Promise<void> {
    await this.phone.say(message);
    await this.pass();
  }

  left() {
    return leftOf(this.clock, this.us);
  }
}

/** Two of ours, which call each other. */
export async function withTwo(seed = 1) {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock, seed);
  const ours = await AgentOnStage.open(network, us);
  const theirs = await AgentOnStage.open(network, them);
  return { clock, network, us: ours, them: theirs };
}

/** After every timer that may run without anybody's doing: what is still there. */
export async function leftOf(clock: FakeClock, ...agents: readonly AgentOnStage[]) {
  await advance(clock, 200_000);
  return {
    calls: agents.map(({ agent }) => agent.stats.calls),
    dialogs: agents.map(({ agent }) => agent.stats.dialogs),
    transactions: agents.map(({ agent }) => agent.stats.transactions.clients + agent.stats.transactions.servers),
    unended: agents.map(({ unended }) => unended),
    timers: clock.pendingTimers,
  };
}

export function nothing(agents = 1) {
  const zeros = Array.from({ length: agents }, () => 0);
  return { calls: zeros, dialogs: zeros, transactions: zeros, unended: zeros, timers: 0 };
}

const noNames: DnsRecords = {
  naptr: () => Promise.resolve([]),
  srv: () => Promise.resolve([]),
  a: () => Promise.resolve([]),
  aaaa: () => Promise.resolve([]),
};
