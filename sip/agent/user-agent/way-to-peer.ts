import { isIP } from 'node:net';
import { type Dialog, nextHopOf } from '../dialogs/dialog.ts';
import type { SipRequest } from '../messages/message.ts';
import { parseUri } from '../messages/parse-uri.ts';
import type { Hop } from '../transactions/hop.ts';
import { defaultPort, Networks } from '../transports/endpoint.ts';
import type { Flow } from '../transports/flow.ts';

/** Nobody reaches them from elsewhere (RFC 1918, 6598, 4193, 3927, 4291). */
const privateNetworks = new Networks([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);

/** Where the first request of a session goes. */
export interface FirstWay {
  readonly to: Flow | string;
  /** By the flow of a phone that registered and speaks for itself: a Contact by STUN leads nowhere behind some routers. */
  readonly registered: boolean;
}

/** The way that the other side of a session was heard on, and whether what we send has to take it. */
export class WayToPeer {
  #flow: Flow | undefined;
  #direct = false;
  /** All that we send takes the flow, as what the session began with did. */
  #registered = false;

  /** `first`: of a session of ours. */
  constructor(first?: FirstWay) {
    if (!first?.registered || typeof first.to === 'string') return;
    this.#flow = first.to;
    this.#registered = true;
  }

  get flow(): Flow | undefined {
    return this.#flow;
  }

  heard(request: SipRequest, flow: Flow): void {
    this.#flow = flow;
    // With more than one, a proxy spoke: it is heard, and may lead elsewhere than to its phone.
    this.#direct = request.headers.count('Via') === 1;
    if (!this.#direct) this.#registered = false;
  }

  /** An answer to a request of ours, on the way that the request took. */
  answered(hop: Hop | undefined): void {
    if (hop === undefined || !isFlow(hop)) return;
    this.#flow = hop;
    this.#direct = false;
  }

  /**
   * For a request within the dialog: along the route; without one by the flow, if the other side registered by it or its Contact leads
   * nowhere; else to its Contact.
   */
  to(dialog: Dialog, request: SipRequest): Flow | string {
    const flow = this.#flow;
    if (!flow?.open || dialog.routeSet.length > 0) return nextHopOf(request);
    const flowOnly = this.#registered || leadsNowhere(dialog.remoteTarget, flow, this.#direct);
    return flowOnly ? flow : nextHopOf(request);
  }
}

/**
 * Whether only the flow leads to a Contact: its owner sits behind a router that rewrote its address, or in a page. `direct`: no proxy
 * stands between.
 */
export function leadsNowhere(contact: string, flow: Flow, direct: boolean): boolean {
  const uri = parseUri(contact);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return true;
  // Pages have no address (RFC 7118 section 5).
  if (/\.invalid$/i.test(uri.host) || /^wss?$/i.test(uri.parameters.get('transport') ?? '')) return true;
  // A connection that the other side has open is there; one back to its Contact might not get through.
  if (flow.reliable && (direct || uri.host === flow.remote.address)) return true;
  if (isIP(uri.host) === 0) return false;
  const port = uri.port ?? defaultPort[flow.transport];
  if (direct) return uri.host !== flow.remote.address || port !== flow.remote.port;
  return privateNetworks.has(uri.host) && !privateNetworks.has(flow.remote.address);
}

/** Requests leave by flows; the way back of one that came may be less. */
function isFlow(hop: Hop): hop is Flow {
  return 'remote' in hop && 'open' in hop;
}
