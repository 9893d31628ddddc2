import { randomUUID } from 'node:crypto';
import { Emitter, type ListenerErrorHandler } from '../../../core/events.ts';
import type { PhoneLeg, PhoneLegOptions, PhoneMedia } from '../../../media/phones/phone-media.ts';
import type { Credentials } from '../../agent/digest/digest-client.ts';
import type { Call } from '../../drachtio/call.ts';
import type { OutgoingCall } from '../../drachtio/outgoing-call.ts';
import type { SipCalls } from '../../drachtio/sip-calls.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import type { SrfHeaders } from '../../drachtio/srf.ts';
import { reasonHeader } from '../reason-header.ts';
import { supportedByCaller } from '../supported.ts';

export interface AttemptParts {
  readonly sip: Pick<SipCalls, 'place'>;
  readonly media: Pick<PhoneMedia, 'openLeg'>;
  readonly onListenerError: ListenerErrorHandler;
}

export interface AttemptOptions {
  readonly uri: string;
  readonly headers: SrfHeaders;
  readonly proxy?: string | undefined;
  readonly credentials?: Credentials | undefined;
  readonly leg: PhoneLegOptions;
}

export interface AttemptEvents {
  /** It rings there: 180, 181, 182 or 183. */
  ringing: undefined;
  /** The other side sends media before it answers (RFC 3960): its leg hears it. */
  early: { readonly leg: PhoneLeg };
}

/** Somebody picked up. */
export interface Reached {
  readonly call: Call;
  readonly leg: PhoneLeg;
}

/** One INVITE of ours with media of its own: a phone that rings, or a target of a trunk that is tried. */
export class Attempt {
  readonly events: Emitter<AttemptEvents>;
  /** The Call-ID. */
  readonly callId = randomUUID();
  /**
   * `took` has been called with the same in the turn of the answer: what the phone says next is not missed.
   * @throws {SipFailure} REFUSED with its status, CANCELED, DISCONNECTED, NOT_SENT
   * @throws {AppError} of the media: no leg could be opened, or SDP_REFUSED of what it answered
   */
  readonly reached: Promise<Reached>;
  readonly #parts: AttemptParts;
  #placed: OutgoingCall | undefined;
  #canceled: SrfHeaders | undefined;
  /** What of the other side is in effect, and whether it was its offer. */
  #heard: { readonly sdp: string; readonly offered: boolean } | undefined;
  /** Its offers that were answered early. */
  readonly #offers = new Set<string>();
  /** Descriptions that came early, one after the other. */
  #taken: Promise<void> = Promise.resolve();

  constructor(parts: AttemptParts, options: AttemptOptions, took: (reached: Reached) => void) {
    this.#parts = parts;
    this.events = new Emitter(parts.onListenerError);
    this.reached = this.#place(options, took);
    // Who cancels does not have to listen.
    this.reached.catch(() => {});
  }

  /** Its phone rings no more; what it answered meanwhile is hung up. Canceling twice does nothing. */
  cancel(headers: SrfHeaders = {}): void {
    if (this.#canceled !== undefined) return;
    this.#canceled = headers;
    void this.#placed?.cancel(headers);
  }

  async #place(options: AttemptOptions, took: (reached: Reached) => void): Promise<Reached> {
    const { uri, headers, proxy, credentials } = options;
    const leg = await this.#parts.media.openLeg(options.leg);
    try {
      const sdp = await leg.offer();
      if (this.#canceled !== undefined) throw new SipFailure('CANCELED', 'it was taken back before it was placed');
      const placed = this.#parts.sip.place({
        uri,
        headers: { ...supportedByCaller, ...headers, 'Call-ID': this.callId },
        sdp,
        update: (offer) => this.#answerEarly(leg, offer),
        ...(proxy !== undefined && { proxy }),
        ...(credentials !== undefined && { credentials }),
      });
      this.#placed = placed;
      placed.events.on('progress', ({ sdp: early }) => {
        this.events.emit('ringing', undefined);
        if (early !== '') this.#hearEarly(leg, early);
      });
      const call = await placed.answered;
      took({ call, leg });
      await this.#agree(call, leg);
      return { call, leg };
    } catch (error) {
      leg.close();
      throw error;
    }
  }

  /** What cannot be heard early may still be answered: a phone may send several, and the last one counts (RFC 3261 section 13.2.1). */
  #hearEarly(leg: PhoneLeg, sdp: string): void {
    this.#taken = this.#taken.then(() =>
      this.#take(leg, sdp).then(
        () => this.events.emit('early', { leg }),
        () => {},
      ),
    );
  }

  /** It changes its session before it answers the call (RFC 3311). @throws {AppError} SDP_REFUSED */
  #answerEarly(leg: PhoneLeg, offer: string): Promise<string> {
    const answered = this.#taken.then(async () => {
      const ours = await leg.answer(offer);
      this.#heard = { sdp: offer, offered: true };
      this.#offers.add(offer);
      return ours;
    });
    this.#taken = answered.then(
      () => {},
      () => {},
    );
    return answered;
  }

  async #take(leg: PhoneLeg, sdp: string): Promise<void> {
    // Another place had a session of its own offer: this one answers ours.
    if (this.#heard?.offered) await leg.offer();
    await leg.takeAnswer(sdp);
    this.#heard = { sdp, offered: false };
  }

  async #agree(call: Call, leg: PhoneLeg): Promise<void> {
    // Behind what came before it.
    await this.#taken;
    try {
      const { remoteSdp } = call;
      if (!this.#offers.has(remoteSdp)) await this.#take(leg, remoteSdp);
      // It was answered early; another place may have been heard since.
      else if (this.#heard?.sdp !== remoteSdp) await leg.answer(remoteSdp);
    } catch (error) {
      await call.bye({ Reason: reasonHeader(488, 'the answer has no media that was offered') });
      throw error;
    }
  }
}
