import { isIP } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { parseNameAddr } from '../messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import { formatHostPort, parseUri } from '../messages/parse-uri.ts';
import { closedFlow } from '../transports/closed-flow.ts';
import type { Flow } from '../transports/flow.ts';
import { leadsNowhere } from './way-to-peer.ts';

/** Beyond it the one that was registered longest ago is forgotten: requests to it take its Contact at its word. */
const mostContacts = 65_536;
const mostSeconds = 86_400;

/** Shared by all that one flow leads to. */
interface Lead {
  flow: Flow;
}

interface Known {
  readonly lead: Lead;
  readonly direct: boolean;
  readonly untilMs: number;
}

/**
 * On which flow a Contact was registered or subscribed from, for as long as its 2xx said (RFC 5626 section 5.3): the only way to a
 * phone behind a router and to a page. Nothing runs for it: what has expired goes when it is looked for, or when it is the oldest.
 */
export class ContactFlows {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #known = new Map<string, Known>();
  readonly #leads = new WeakMap<Flow, Lead>();

  constructor(clock: Clock, most = mostContacts) {
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#known.size;
  }

  /** A REGISTER or SUBSCRIBE that was accepted. */
  remember({ headers }: SipRequest, flow: Flow, response: SipResponse): void {
    const direct = headers.count('Via') === 1;
    const lead = this.#leads.get(flow) ?? { flow };
    this.#leads.set(flow, lead);
    for (const value of headers.all('Contact')) {
      const contact = parseNameAddr(value);
      const key = contact && keyOf(contact.uri);
      if (contact === undefined || key === undefined) continue;
      const granted = grantedTo(key, response) ?? response.headers.get('Expires');
      const asked = contact.parameters.get('expires') ?? headers.get('Expires');
      const seconds = Math.min(parseDeltaSeconds(granted ?? asked ?? '') ?? 3_600, mostSeconds);
      this.#known.delete(key);
      // A registrar that keeps a proxy's Contact keeps its Path too, and that leads.
      if (seconds === 0 || headers.has('Path')) continue;
      this.#known.set(key, { lead, direct, untilMs: this.#clock.monotonicMs() + seconds * 1_000 });
    }
    while (this.#known.size > this.#most) {
      const [oldest] = this.#known.keys();
      if (oldest === undefined) return;
      this.#known.delete(oldest);
    }
  }

  /** Each page that is loaded has a Contact of its own: a connection that is gone is not held by those of before. */
  closed(flow: Flow): void {
    const lead = this.#leads.get(flow);
    if (lead !== undefined) lead.flow = closedFlow(flow);
  }

  /**
   * The flow that leads to a URI; undefined where the URI itself leads there. A flow that is closed, and that nothing else can take
   * the place of, is given too: the answer is 430.
   */
  find(uri: string): Flow | undefined {
    const key = keyOf(uri);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (key === undefined || known === undefined) return undefined;
    if (known.untilMs <= this.#clock.monotonicMs()) {
      this.#known.delete(key);
      return undefined;
    }
    const { direct } = known;
    const { flow } = known.lead;
    if (flow.open)
      return flow.reliable || (direct && isName(uri)) || leadsNowhere(uri, flow, direct) ? flow : undefined;
    // A phone that listens where its Contact says is called there.
    const away = parseUri(uri);
    const listens = away?.scheme === 'sip' && away.host === flow.remote.address && !/^wss?$/i.test(flow.transport);
    return listens ? undefined : flow;
  }
}

/** Whoever registers a name could have us call anybody, such as a provider that knows us by our address. */
function isName(uri: string): boolean {
  const away = parseUri(uri);
  return (away?.scheme === 'sip' || away?.scheme === 'sips') && isIP(away.host) === 0;
}

function grantedTo(key: string, { headers }: SipResponse): string | undefined {
  for (const value of headers.all('Contact')) {
    const contact = parseNameAddr(value);
    if (contact !== undefined && keyOf(contact.uri) === key) return contact.parameters.get('expires');
  }
  return undefined;
}

function keyOf(text: string): string | undefined {
  const uri = parseUri(text);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return undefined;
  return `${uri.user ?? ''}@${formatHostPort(uri).toLowerCase()}`;
}
