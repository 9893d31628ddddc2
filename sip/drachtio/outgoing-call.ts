import { Emitter } from '../../core/events.ts';
import { tagOf } from '../agent/messages/parse-name-addr.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import { Call, type CallContext } from './call.ts';
import { bodyText, readRequest } from './read-raw.ts';
import { refusal } from './refusal.ts';
import { SipFailure } from './sip-failure.ts';
import { type SrfHeaders, type SrfRequest, type SrfResponse, sendStatus } from './srf.ts';
import type { Answer, OutgoingRequest, Transaction } from './transact.ts';

export interface PlaceOptions extends Pick<OutgoingRequest, 'uri' | 'headers' | 'proxy' | 'credentials'> {
  /** The offer. Without one the other side offers, and `answer` answers it. */
  readonly sdp?: string;
  readonly answer?: (offer: string) => string | Promise<string>;
  /**
   * Answers a new offer that comes before the call is answered (RFC 3311), which is 488 where it throws. Without it the session stays what
   * it was offered.
   */
  readonly update?: (offer: string) => string | Promise<string>;
}

/** Places that ring behind one call; of more, the one that spoke first is forgotten. */
const mostPlaces = 16;

export interface OutgoingCallEvents {
  /** It rings, or sends media early. */
  progress: { readonly status: number; readonly sdp: string; readonly answer: Answer };
}

/** A call that rings somewhere else. */
export class OutgoingCall {
  readonly events: Emitter<OutgoingCallEvents>;
  /** @throws {SipFailure} REFUSED with the status, CANCELED, DISCONNECTED, NOT_SENT */
  readonly answered: Promise<Call>;
  readonly #context: CallContext;
  readonly #options: PlaceOptions;
  readonly #transaction: Transaction;
  #call: Call | undefined;
  #canceled = false;
  /** What each place that rings described last, by the tag of its dialog. `settled`: by an offer of its own. */
  readonly #early = new Map<string, { readonly sdp: string; readonly settled: boolean }>();

  constructor(context: CallContext, options: PlaceOptions) {
    this.#context = context;
    this.#options = options;
    this.events = new Emitter(context.onListenerError);
    const { uri, headers = {}, proxy, credentials, sdp } = options;
    const type: SrfHeaders = sdp === undefined ? {} : { 'Content-Type': 'application/sdp' };
    this.#transaction = context.link.transact(
      {
        method: 'INVITE',
        uri,
        headers: { ...type, ...headers },
        ...(sdp !== undefined && { body: sdp }),
        ...(proxy !== undefined && { proxy }),
        ...(credentials !== undefined && { credentials }),
      },
      {
        progress: (answer) => {
          const tag = tagIn(answer.headers, 'To');
          // An answer that comes again, after an offer that changed it.
          const sdp = this.#early.get(tag)?.settled ? '' : answer.body;
          if (sdp !== '') this.#keepEarly(tag, { sdp, settled: false });
          this.events.emit('progress', { status: answer.status, sdp, answer });
        },
        final: (answer) => this.#begin(answer),
        update: (request, response) => void this.#update(request, response),
      },
    );
    this.answered = this.#finish();
    // Who cancels does not have to listen.
    this.answered.catch(() => {});
  }

  /** Takes it back. When it was accepted meanwhile, it is hung up. */
  async cancel(headers: SrfHeaders = {}): Promise<void> {
    this.#canceled = true;
    this.#transaction.cancel(headers);
    await this.answered.then(
      (call) => call.bye(headers),
      () => {},
    );
  }

  /** In the turn of the answer: a BYE may stand right behind. */
  #begin(answer: Answer): void {
    if (answer.status >= 300) return;
    const { sdp = '', credentials } = this.#options;
    const early = this.#early.get(tagIn(answer.headers, 'To'));
    this.#call = new Call(this.#context, {
      id: answer.dialogId,
      role: 'uac',
      localSdp: sdp,
      // The answer may have come early, and need not come twice (RFC 3261 section 13.2.1); an offer that came after it is newer.
      remoteSdp: early !== undefined && (early.settled || answer.body === '') ? early.sdp : answer.body,
      ...(credentials !== undefined && { request: { credentials } }),
    });
    if (this.#options.sdp !== undefined) answer.acknowledge();
  }

  #keepEarly(tag: string, early: { readonly sdp: string; readonly settled: boolean }): void {
    this.#early.set(tag, early);
    const [first] = this.#early.keys();
    if (this.#early.size > mostPlaces && first !== undefined) this.#early.delete(first);
  }

  async #update(request: SrfRequest, response: SrfResponse): Promise<void> {
    const { sdp, update } = this.#options;
    const message = readRequest(request.raw);
    const offer = message === undefined ? '' : bodyText(message);
    // Without an offer it refreshes the session timer (RFC 4028).
    if (message === undefined || offer === '') {
      response.send(200, undefined, {});
      return;
    }
    try {
      const answer = update === undefined ? sdp : await update(offer);
      if (update !== undefined) this.#keepEarly(tagIn(message.headers, 'From'), { sdp: offer, settled: true });
      const type = { 'Content-Type': 'application/sdp' };
      response.send(200, undefined, answer === undefined ? {} : { headers: type, body: answer });
    } catch {
      sendStatus(response, 488, undefined, {});
    }
  }

  async #finish(): Promise<Call> {
    const answer = await this.#transaction.answer;
    const call = this.#call;
    if (call === undefined) {
      if (this.#canceled) throw new SipFailure('CANCELED', `${answer.status} ${answer.reason}`, answer);
      throw refusal(answer);
    }
    const { sdp, answer: describe } = this.#options;
    if (sdp === undefined) {
      try {
        call.localSdp = (await describe?.(answer.body)) ?? '';
      } catch (error) {
        answer.acknowledge();
        await call.bye();
        throw error;
      }
      answer.acknowledge(call.localSdp === '' ? undefined : call.localSdp);
    }
    if (this.#canceled) {
      await call.bye();
      throw new SipFailure('CANCELED', 'the call was taken back as it was accepted');
    }
    return call;
  }
}

function tagIn(headers: SipHeaders, field: 'From' | 'To'): string {
  return tagOf(headers.get(field)) ?? '';
}
