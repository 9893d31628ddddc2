import { Emitter } from '../../core/events.ts';
import { Call, type CallContext, refusal } from './call.ts';
import { SipFailure } from './sip-failure.ts';
import type { SrfHeaders } from './srf.ts';
import type { Answer, OutgoingRequest, Transaction } from './transact.ts';

export interface PlaceOptions extends Pick<OutgoingRequest, 'uri' | 'headers' | 'proxy' | 'credentials'> {
  /** The offer. Without one the other side offers, and `answer` answers it. */
  readonly sdp?: string;
  readonly answer?: (offer: string) => string | Promise<string>;
}

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
  #earlySdp = '';

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
          if (answer.body !== '') this.#earlySdp = answer.body;
          this.events.emit('progress', { status: answer.status, sdp: answer.body, answer });
        },
        final: (answer) => this.#begin(answer),
        update: (_update, response) =>
          response.send(
            200,
            undefined,
            sdp === undefined ? {} : { headers: { 'Content-Type': 'application/sdp' }, body: sdp },
          ),
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
    this.#call = new Call(this.#context, {
      id: answer.dialogId,
      role: 'uac',
      localSdp: sdp,
      // The answer may have come early, and need not come twice (RFC 3261 section 13.2.1).
      remoteSdp: answer.body === '' ? this.#earlySdp : answer.body,
      ...(credentials !== undefined && { request: { credentials } }),
    });
    if (this.#options.sdp !== undefined) answer.acknowledge();
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
