import { parseCSeq } from '../agent/messages/parse-cseq.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { SrfHeaders, SrfResponse } from './srf.ts';

/** Transfers the call. What it throws is told to nobody: whoever referred is told what the handler notified. */
export type Refer = (referral: { readonly to: string; readonly by: string | undefined }) => Promise<void>;

/**
 * What the other side of a call asks for by REFER (RFC 3515), one at a time: of two that run at once a phone could not tell whose news
 * it hears, and each would ring somebody.
 */
export class Referrals {
  #came = 0;
  /** Of the last that was taken. */
  #event = 'refer';
  #running = false;

  get running(): boolean {
    return this.#running;
  }

  async answer(headers: SipHeaders, response: SrfResponse, refer: Refer | undefined): Promise<void> {
    const [to, ...more] = headers.all('Refer-To');
    this.#came += 1;
    if (to === undefined || more.length > 0) response.send(400, undefined, {});
    else if (refer === undefined) response.send(603, undefined, {});
    else if (this.#running) response.send(491, undefined, {});
    else {
      // The first one goes without its number, which old phones do not know; the others have it (section 2.4.6).
      const number = parseCSeq(headers.get('CSeq') ?? '')?.number;
      this.#event = this.#came === 1 ? 'refer' : `refer;id=${number}`;
      this.#running = true;
      response.send(202, undefined, {});
      try {
        await refer({ to, by: headers.get('Referred-By') });
      } catch {
        // It was told as far as it came.
      } finally {
        this.#running = false;
      }
    }
  }

  /** The NOTIFY that tells how the last one goes on (section 2.4.5). */
  notification(status: number, reason: string): { readonly headers: SrfHeaders; readonly body: string } {
    const headers = {
      Event: this.#event,
      'Subscription-State': status < 200 ? 'active;expires=60' : 'terminated;reason=noresource',
      'Content-Type': 'message/sipfrag;version=2.0',
    };
    return { headers, body: `SIP/2.0 ${status} ${reason}\r\n` };
  }
}
