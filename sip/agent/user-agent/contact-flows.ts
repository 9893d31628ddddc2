import { isIP } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { noParameters } from '../messages/parameters.ts';
import { parseNameAddr } from '../messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import { formatHostPort, formatUri, parseUri } from '../messages/parse-uri.ts';
import { closedFlow } from '../transports/closed-flow.ts';
import type { Flow } from '../transports/flow.ts';
import { TransportError } from '../transports/transport-error.ts';
import { type FirstWay, leadsNowhere } from './way-to-peer.ts';

/** More than phones that a plan may have. Beyond it newcomers are refused. */
const mostContacts = 131_072;
const mostSeconds = 86_400;
/** While it is full, looking for what has expired takes a moment. */
const sweepEveryMs = 10_000;
/** Of a URI: by the flow of the REGISTER that came from there, or not at all. */
const flowOnly = 'parley-flow-only';
/** What tells by its Contact where its sender is to be reached. */
const remembered: ReadonlySet<string> = new Set(['REGISTER', 'SUBSCRIBE']);

/** Where a request came from. */
interface Source {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/**
 * The next hop to a phone that registered: whatever its Contact says, a request goes where the REGISTER came from. Whoever could have
 * this server call elsewhere would have a provider called that knows it by its address, or take the calls of a phone by its Contact.
 */
export function byFlowOnly(contact: string, from: Source): string {
  const uri = parseUri(contact);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return contact;
  return formatUri({ ...uri, parameters: new Map(uri.parameters).set(flowOnly, nameOf(from)), headers: noParameters });
}

/** Shared by all that one flow leads to. */
interface Lead {
  flow: Flow;
}

interface Known {
  readonly contact: string;
  readonly lead: Lead;
  readonly direct: boolean;
  readonly registered: boolean;
  readonly untilMs: number;
}

/**
 * On which flow a Contact was registered or subscribed from, for as long as its 2xx said (RFC 5626 section 5.3): the only way to a
 * phone behind a router and to a page. Two phones may say the same Contact, behind routers or to mislead: each has its flow. Nothing
 * runs for it: what has expired goes when it is looked for, or when room is needed.
 */
export class ContactFlows {
  readonly #clock: Clock;
  readonly #most: number;
  /** By Contact and source. */
  readonly #known = new Map<string, Known>();
  /** By Contact: the key of the one that came last. */
  readonly #newest = new Map<string, string>();
  readonly #leads = new WeakMap<Flow, Lead>();
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, most = mostContacts) {
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Whether a request that comes may be accepted: its Contact, were it forgotten, would be taken at its word. */
  admits({ method, headers }: SipRequest, flow: Pick<Flow, 'transport' | 'remote'>): boolean {
    if (!remembered.has(method) || this.#known.size < this.#most) return true;
    this.#sweep();
    if (this.#known.size < this.#most) return true;
    const keys = headers.all('Contact').map((value) => keyOf(parseNameAddr(value)?.uri ?? ''));
    return keys.every((key) => key === undefined || this.#known.has(ofSource(key, nameOfFlow(flow))));
  }

  /** What was accepted. Beyond the bound are at most those that were underway when it was reached. */
  remember({ method, headers }: SipRequest, flow: Flow, response: SipResponse): void {
    if (!remembered.has(method)) return;
    const direct = headers.count('Via') === 1;
    const lead = this.#leads.get(flow) ?? { flow };
    this.#leads.set(flow, lead);
    const listed = method === 'REGISTER' && response.headers.has('Contact');
    for (const value of headers.all('Contact')) {
      const contact = parseNameAddr(value);
      const key = contact && keyOf(contact.uri);
      if (contact === undefined || key === undefined) continue;
      const asked = parseDeltaSeconds(contact.parameters.get('expires') ?? headers.get('Expires') ?? '') ?? 3_600;
      const whole = parseDeltaSeconds(response.headers.get('Expires') ?? '') ?? asked;
      // A registrar lists all that hold (RFC 3261 section 10.3): what it left out, it did not take, or it has ended.
      const seconds = Math.min(listed ? (grantedTo(key, response) ?? 0) : whole, mostSeconds);
      const before = this.#newest.get(key) ?? '';
      const newest = this.#known.get(before);
      const isThere = newest !== undefined && newest.untilMs > this.#clock.monotonicMs();
      // A subscription that ends does not end what was registered.
      if (method === 'SUBSCRIBE' && newest?.registered && isThere) continue;
      const own = ofSource(key, nameOfFlow(flow));
      // A phone that connected anew leaves nothing behind.
      if (!isThere || isClosedAt(newest.lead.flow, flow)) this.#known.delete(before);
      this.#known.delete(own);
      this.#newest.delete(key);
      // A registrar that keeps a proxy's Contact keeps its Path too, and that leads.
      if (seconds === 0 || headers.has('Path')) continue;
      const untilMs = this.#clock.monotonicMs() + seconds * 1_000;
      this.#known.set(own, { contact: key, lead, direct, registered: method === 'REGISTER', untilMs });
      this.#newest.set(key, own);
    }
  }

  /** Each page that is loaded has a Contact of its own: a connection that is gone is not held by those of before. */
  closed(flow: Flow): void {
    const lead = this.#leads.get(flow);
    if (lead !== undefined) lead.flow = closedFlow(flow);
  }

  /**
   * The flow that leads to a URI; undefined where the URI itself leads there. A flow that is closed, and that nothing else can take
   * the place of, is given too: the answer is 430. So it is where {@link byFlowOnly} says that there has to be a flow, and none is known.
   */
  find(uri: string): Flow | undefined {
    const known = this.#knownBy(uri);
    if (known !== undefined) return findOf(known, uri);
    return sourceIn(uri) === undefined ? undefined : noFlow;
  }

  /** Where a request goes: by the flow that leads there, or where its URI says. */
  wayTo(next: Flow | string): FirstWay {
    const flow = typeof next === 'string' ? this.find(next) : undefined;
    if (flow === undefined || typeof next !== 'string') return { to: next, registered: false };
    return { to: flow, registered: this.#knownBy(next)?.direct === true };
  }

  #knownBy(uri: string): Known | undefined {
    const contact = keyOf(uri);
    if (contact === undefined) return undefined;
    const from = sourceIn(uri);
    const key = from === undefined ? (this.#newest.get(contact) ?? '') : ofSource(contact, from);
    const known = this.#known.get(key);
    if (known === undefined || known.untilMs > this.#clock.monotonicMs()) return known;
    this.#forget(key, known);
    return undefined;
  }

  /** What has expired goes. */
  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sweptMs < sweepEveryMs) return;
    this.#sweptMs = nowMs;
    for (const [key, known] of this.#known) if (known.untilMs <= nowMs) this.#forget(key, known);
  }

  #forget(key: string, { contact }: Known): void {
    this.#known.delete(key);
    if (this.#newest.get(contact) === key) this.#newest.delete(contact);
  }
}

const isClosedAt = (one: Flow, { remote }: Flow): boolean => !one.open && one.remote.address === remote.address;

const nowhere = { address: '0.0.0.0', port: 0 };
/** To a phone of which no flow is known. */
const noFlow: Flow = {
  id: 'none',
  transport: 'UDP',
  reliable: false,
  sentBy: { host: 'localhost' },
  local: nowhere,
  remote: nowhere,
  open: false,
  send: () => Promise.reject(new TransportError('CLOSED', 'no flow leads there')),
  close: () => {},
};

function findOf({ lead: { flow }, direct }: Known, uri: string): Flow | undefined {
  if (flow.open) {
    const isWay =
      sourceIn(uri) !== undefined || flow.reliable || (direct && isName(uri)) || leadsNowhere(uri, flow, direct);
    return isWay ? flow : undefined;
  }
  // A phone that listens where its Contact says is called there.
  const away = parseUri(uri);
  const listens = away?.scheme === 'sip' && away.host === flow.remote.address && !/^wss?$/i.test(flow.transport);
  return listens ? undefined : flow;
}

/** Where the REGISTER came from by whose flow alone it is reached. */
function sourceIn(text: string): string | undefined {
  const uri = parseUri(text);
  return uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri.parameters.get(flowOnly) : undefined;
}

function nameOf({ protocol, address, port }: Source): string {
  return `${protocol.toLowerCase()}:${formatHostPort({ host: address, port })}`;
}

const nameOfFlow = ({ transport, remote }: Pick<Flow, 'transport' | 'remote'>): string =>
  nameOf({ protocol: transport, ...remote });

const ofSource = (contact: string, source: string): string => `${contact} ${source}`;

/** Whoever registers a name could have us call anybody, such as a provider that knows us by our address. */
function isName(uri: string): boolean {
  const away = parseUri(uri);
  return (away?.scheme === 'sip' || away?.scheme === 'sips') && isIP(away.host) === 0;
}

/** Of several that differ in no more than parameters, the longest: all of them are found by one key. */
function grantedTo(key: string, { headers }: SipResponse): number | undefined {
  let most: number | undefined;
  for (const value of headers.all('Contact')) {
    const contact = parseNameAddr(value);
    if (contact === undefined || keyOf(contact.uri) !== key) continue;
    const seconds = parseDeltaSeconds(contact.parameters.get('expires') ?? headers.get('Expires') ?? '') ?? 3_600;
    most = Math.max(most ?? 0, seconds);
  }
  return most;
}

function keyOf(text: string): string | undefined {
  const uri = parseUri(text);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return undefined;
  return `${uri.user ?? ''}@${formatHostPort(uri).toLowerCase()}`;
}
