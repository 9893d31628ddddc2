import type { Clock } from '../../../core/clock.ts';
import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import type { Flow } from '../transports/flow.ts';
import { ClientInvite } from './client-invite.ts';
import type { AgentContext } from './context.ts';
import { type FirstWay, WayToPeer } from './way-to-peer.ts';

/** Beyond it the oldest is forgotten, and a phone that accepts it late is left to its own patience. */
const mostInvites = 10_000;
/** A proxy that forks gives up by then (timer C, RFC 3261 section 16.6). */
const forMs = 180_000 + 64_000;

/**
 * INVITEs of ours for a while after they went out. A phone that accepts one when its transaction has ended gets an ACK and a BYE
 * (section 13.2.2.4); a 2xx that answers none of them gets nothing, whoever made it up.
 */
export class LateForks {
  readonly #clock: Clock;
  readonly #wayTo: (next: Flow | string) => FirstWay;
  readonly #invites = new Map<
    string,
    { readonly invite: ClientInvite; readonly next: Flow | string; readonly untilMs: number }
  >();

  constructor(clock: Clock, wayTo: (next: Flow | string) => FirstWay) {
    this.#clock = clock;
    this.#wayTo = wayTo;
  }

  /** `next`: where it went. */
  remember(request: SipRequest, next: Flow | string): void {
    const key = keyOf(request);
    this.#invites.delete(key);
    // Its ACK and BYE need nothing of its body.
    const invite = new ClientInvite({ ...request, body: noBody });
    this.#invites.set(key, { invite, next, untilMs: this.#clock.monotonicMs() + forMs });
    const [oldest] = this.#invites.keys();
    if (this.#invites.size > mostInvites && oldest !== undefined) this.#invites.delete(oldest);
  }

  hear(context: AgentContext, response: SipResponse): void {
    const known = this.#invites.get(keyOf(response));
    if (known === undefined || tagOf(response.headers.get('To')) === undefined) return;
    const { invite, next, untilMs } = known;
    if (untilMs > this.#clock.monotonicMs()) invite.hangUp(context, response, new WayToPeer(this.#wayTo(next)));
    else this.#invites.delete(keyOf(response));
  }
}

function keyOf({ headers }: SipRequest | SipResponse): string {
  return `${headers.get('Call-ID')} ${tagOf(headers.get('From'))} ${headers.get('CSeq')}`;
}
