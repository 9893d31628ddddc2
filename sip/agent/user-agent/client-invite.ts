import type { SipRequest, SipResponse } from '../messages/message.ts';
import { parseCSeq } from '../messages/parse-cseq.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';

/** The ACKs of one INVITE of ours: each 2xx that comes again gets its own again (RFC 3261 section 13.2.2.4). */
export class ClientInvite {
  readonly cseq: number;
  readonly #acks = new Map<string, { readonly bytes: Buffer; readonly hop: Hop }>();

  constructor(request: SipRequest) {
    this.cseq = parseCSeq(request.headers.get('CSeq') ?? '')?.number ?? 0;
  }

  /** Sends the ACK of one fork, and keeps it. */
  acknowledge(ack: SipRequest, hop: Hop): void {
    const bytes = serializeMessage(ack);
    this.#acks.set(tagOf(ack.headers.get('To')) ?? '', { bytes, hop });
    hop.send(bytes).catch(() => {});
  }

  /** Whether that 2xx was acknowledged already: then it was, again. */
  isCopy(response: SipResponse): boolean {
    const sent = this.#acks.get(tagOf(response.headers.get('To')) ?? '');
    sent?.hop.send(sent.bytes).catch(() => {});
    return sent !== undefined;
  }
}
