import { Dialog } from '../dialogs/dialog.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { parseCSeq } from '../messages/parse-cseq.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { AgentContext } from './context.ts';
import { mostForks } from './forks.ts';
import { silent } from './in-dialog.ts';
import type { WayToPeer } from './way-to-peer.ts';

/** The ACKs of one INVITE of ours: each 2xx that comes again gets its own again (RFC 3261 section 13.2.2.4). */
export class ClientInvite {
  readonly request: SipRequest;
  readonly cseq: number;
  /** Its user was told of a 2xx. */
  answered = false;
  /** Undefined while the way is being found. */
  readonly #acks = new Map<string, { readonly bytes: Buffer; readonly hop: Hop } | undefined>();

  constructor(request: SipRequest) {
    this.request = request;
    this.cseq = parseCSeq(request.headers.get('CSeq') ?? '')?.number ?? 0;
  }

  /** As its ACK has to say them again (RFC 3261 section 13.2.2.4): proxies ask for them. */
  get credentials(): [name: string, value: string][] {
    return ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
      this.request.headers.all(name).map((value): [string, string] => [name, value]),
    );
  }

  /** Sends the ACK of one fork, and keeps it. */
  acknowledge(ack: SipRequest, hop: Hop): void {
    const bytes = serializeMessage(ack);
    this.#acks.set(tagOf(ack.headers.get('To')) ?? '', { bytes, hop });
    hop.send(bytes).catch(() => {});
  }

  /** Whether that 2xx was acknowledged already: then it was, again. */
  isCopy(response: SipResponse): boolean {
    const tag = tagOf(response.headers.get('To')) ?? '';
    const sent = this.#acks.get(tag);
    sent?.hop.send(sent.bytes).catch(() => {});
    return this.#acks.has(tag);
  }

  /** A phone accepted a call that is somebody else's, or over: its 2xx gets an ACK, and then a BYE. */
  hangUp(context: AgentContext, response: SipResponse, way: WayToPeer): void {
    const tag = tagOf(response.headers.get('To')) ?? '';
    if (this.isCopy(response) || this.#acks.size >= mostForks) return;
    this.#acks.set(tag, undefined);
    const dialog = Dialog.asClient(this.request, response);
    const ack = dialog.makeRequest('ACK', this.cseq);
    for (const [name, value] of this.credentials) ack.headers.add(name, value);
    context.sendAck(ack, way.to(dialog, ack), this);
    const bye = dialog.makeRequest('BYE');
    context.send(bye, way.to(dialog, bye), silent);
  }
}
