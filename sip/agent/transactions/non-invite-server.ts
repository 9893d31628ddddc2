import type { Timer } from '../../../core/clock.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from './hop.ts';
import { isProvisional } from './keys.ts';
import { patience, slowAnswerMs } from './timing.ts';
import type { ServerTransaction, ServerUser, TransactionContext } from './transaction.ts';

/** The non-INVITE server transaction of RFC 3261 section 17.2.2, with the 100 of RFC 4320 for what is answered slowly. */
export class NonInviteServerTransaction implements ServerTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying';
  answer: SipResponse | undefined;
  readonly #context: TransactionContext;
  readonly #forget: () => void;
  #user: ServerUser | undefined;
  #bytes: Buffer | undefined;
  /** Timer J; before an answer, what says 100, then what ends a request that nobody answers. */
  #timer: Timer;

  constructor(key: string, request: SipRequest, hop: Hop, context: TransactionContext, forget: () => void) {
    this.key = key;
    this.request = request;
    this.hop = hop;
    this.#context = context;
    this.#forget = forget;
    const { clock, timing } = context;
    const slowMs = slowAnswerMs(timing);
    // The client has given up by then (timer F), and an answer would reach nobody (RFC 4320 section 4.2).
    const giveUp = () => this.#end(() => this.#user?.failed(new Error('not answered in time')));
    this.#timer = clock.after(slowMs, () => {
      this.#timer = clock.after(patience(timing) - slowMs, giveUp);
      if (this.state === 'trying') this.respond(makeResponse(request, 100));
    });
  }

  serve(user: ServerUser): void {
    this.#user = user;
  }

  respond(response: SipResponse): boolean {
    if (this.state === 'completed' || this.state === 'terminated') return false;
    this.answer = response;
    this.#bytes = serializeMessage(response);
    if (isProvisional(response)) {
      this.state = 'proceeding';
    } else {
      this.state = 'completed';
      this.#timer.cancel();
      const restMs = this.hop.reliable ? 0 : patience(this.#context.timing);
      this.#timer = this.#context.clock.after(restMs, () => this.terminate());
    }
    this.#context.answered(response.status);
    this.#send(this.#bytes);
    return true;
  }

  receive(request: SipRequest): void {
    if (this.#bytes === undefined || request.method !== this.request.method || this.state === 'terminated') return;
    this.#context.retransmitted(String(this.answer?.status));
    this.#send(this.#bytes);
  }

  terminate(): void {
    this.#end(() => {});
  }

  #send(bytes: Buffer): void {
    this.hop.send(bytes).catch((error: unknown) => this.#end(() => this.#user?.failed(error)));
  }

  #end(tell: () => void): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.#timer.cancel();
    this.#forget();
    tell();
    this.#user?.ended();
  }
}
