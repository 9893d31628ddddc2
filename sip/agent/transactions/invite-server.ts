import type { Timer } from '../../../core/clock.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from './hop.ts';
import { isProvisional, isSuccess } from './keys.ts';
import { Retransmission } from './retransmission.ts';
import { patience } from './timing.ts';
import type { ServerTransaction, ServerUser, TransactionContext } from './transaction.ts';

/**
 * The INVITE server transaction of RFC 3261 section 17.2.1, with the state Accepted of RFC 6026: a 2xx is sent again by whoever
 * serves it, and what comes again of the INVITE meanwhile is absorbed here.
 *
 * It answers 100 at once: whoever serves it may be slow, and a caller that hears nothing for 500 ms sends again.
 */
export class InviteServerTransaction implements ServerTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  state: 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated' = 'proceeding';
  answer: SipResponse | undefined;
  readonly #context: TransactionContext;
  readonly #forget: () => void;
  #user: ServerUser | undefined;
  #bytes: Buffer;
  /** Timer G. */
  #again: Retransmission | undefined;
  /** H, then I; or L. */
  #timer: Timer | undefined;

  constructor(key: string, request: SipRequest, hop: Hop, context: TransactionContext, forget: () => void) {
    this.key = key;
    this.request = request;
    this.hop = hop;
    this.#context = context;
    this.#forget = forget;
    this.#bytes = serializeMessage(makeResponse(request, 100));
    context.answered(100);
    this.#send();
  }

  serve(user: ServerUser): void {
    this.#user = user;
  }

  respond(response: SipResponse): boolean {
    const again = this.state === 'accepted' && isSuccess(response);
    if (this.state !== 'proceeding' && !again) return false;
    this.answer = response;
    this.#bytes = serializeMessage(response);
    if (!again) this.#context.answered(response.status);
    if (!isProvisional(response) && !again) this.#complete(response);
    this.#send();
    return true;
  }

  receive(request: SipRequest): void {
    if (request.method === 'ACK') this.#confirm(request);
    // The other side did not get the newest answer. A 2xx comes again by itself.
    else if (this.state === 'proceeding' || this.state === 'completed') this.#sendAgain();
  }

  terminate(): void {
    this.#end(() => {});
  }

  #complete(response: SipResponse): void {
    const { clock, timing } = this.#context;
    if (isSuccess(response)) {
      this.state = 'accepted';
      this.#timer = clock.after(patience(timing), () => this.terminate());
      return;
    }
    this.state = 'completed';
    this.#timer = clock.after(patience(timing), () => this.#end(() => this.#user?.failed(new Error('no ACK'))));
    if (this.hop.reliable) return;
    this.#again = new Retransmission(clock, { firstMs: timing.t1, longestMs: timing.t2 }, () => this.#sendAgain());
  }

  #confirm(ack: SipRequest): void {
    if (this.state !== 'completed') return;
    this.state = 'confirmed';
    this.#again?.stop();
    this.#timer?.cancel();
    this.#user?.acknowledged?.(ack);
    // Timer I: further copies of the ACK are absorbed.
    const restMs = this.hop.reliable ? 0 : this.#context.timing.t4;
    this.#timer = this.#context.clock.after(restMs, () => this.terminate());
  }

  #sendAgain(): void {
    this.#context.retransmitted(this.answer === undefined ? '100' : String(this.answer.status));
    this.#send();
  }

  #send(): void {
    this.hop.send(this.#bytes).catch((error: unknown) => this.#fail(error));
  }

  /** An answer that could not be sent; a 2xx is tried again by the dialog, which gives up by itself. */
  #fail(error: unknown): void {
    if (this.state === 'accepted' || this.state === 'confirmed') return;
    this.#end(() => this.#user?.failed(error));
  }

  #end(tell: () => void): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.#again?.stop();
    this.#timer?.cancel();
    this.#forget();
    tell();
    this.#user?.ended();
  }
}
