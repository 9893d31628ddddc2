import type { Clock } from '../../../core/clock.ts';
import { DeadTargets } from '../location/dead-targets.ts';
import { DnsCache } from '../location/dns-cache.ts';
import type { DnsRecords } from '../location/dns-records.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Timing } from '../transactions/timing.ts';
import type { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Flow } from '../transports/flow.ts';
import type { Transports } from '../transports/transports.ts';
import { contactTowards, prepareFor, viaTowards } from './build-request.ts';
import type { ClientInvite } from './client-invite.ts';
import { OutgoingRequest, type SenderContext, type SenderUser } from './request-sender.ts';
import { Ways } from './ways.ts';

export interface OutboundParts {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly transports: Transports;
  readonly transactions: TransactionLayer;
  readonly dns: DnsRecords;
  /** Of everything that leaves for the first time. */
  readonly sent: (method: string) => void;
  /** An answer to a request of ours; a 100 is none. */
  readonly answered: (request: SipRequest, response: SipResponse, hop: Hop | undefined) => void;
}

/** What goes to the network by our own doing: requests, and the ACKs of 2xx. */
export class Outbound {
  readonly #parts: OutboundParts;
  readonly #sender: SenderContext;
  /** Calls whose INVITE got no answer at all so far, not even 100. As many as transactions, which are bounded. */
  readonly #unanswered = new Set<string>();

  constructor(parts: OutboundParts) {
    this.#parts = parts;
    const { clock, timing, transports, transactions } = parts;
    const dns = new DnsCache(parts.dns, clock);
    const ipv6 = transports.listening.some(({ address }) => address.includes(':'));
    const ways = new Ways(transports, { dns, ipv6 }, new DeadTargets(clock));
    this.#sender = { clock, timing, ways, transactions, prepare: prepareFor };
  }

  get deadTargets(): number {
    return this.#sender.ways.dead.size;
  }

  /** Whether an INVITE of this call waits and nothing came of it so far: what a 100 tells, which applications do not hear of. */
  isUnanswered(callId: string): boolean {
    return this.#unanswered.has(callId);
  }

  send(request: SipRequest, to: Flow | string, user: SenderUser): OutgoingRequest {
    const call = request.method === 'INVITE' ? request.headers.get('Call-ID') : undefined;
    if (call !== undefined) this.#unanswered.add(call);
    const heard = () => call !== undefined && this.#unanswered.delete(call);
    return new OutgoingRequest(this.#sender, request, to, {
      sent: (sent) => {
        if (sent.hop !== undefined) this.#parts.sent(request.method);
        user.sent(sent);
      },
      // A 100 says nothing to an application.
      response: (response, hop) => {
        heard();
        if (response.status <= 100) return;
        user.response(response, hop);
        this.#parts.answered(request, response, hop);
      },
      ended: () => {
        heard();
        user.ended();
      },
    });
  }

  async sendAck(ack: SipRequest, to: Flow | string, invite: ClientInvite): Promise<void> {
    try {
      const hop = await this.#sender.ways.hopFor(ack, to);
      ack.headers.prepend('Via', viaTowards(hop));
      this.#parts.sent('ACK');
      invite.acknowledge(ack, hop);
    } catch {
      // The 2xx comes again, and brings about another attempt; without an ACK the other side ends the call.
    }
  }

  contact(flow: Pick<Hop, 'transport' | 'sentBy'> | undefined): string {
    if (flow !== undefined) return contactTowards(flow);
    const [first] = this.#parts.transports.listening;
    if (first === undefined) return '<sip:localhost>';
    return contactTowards({ transport: first.protocol, sentBy: { host: first.address, port: first.port } });
  }
}
