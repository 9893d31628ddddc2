import type { Timer } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from './hop.ts';
import { isProvisional, isSuccess } from './keys.ts';
import { makeAck } from './make-ack.ts';
import { Retransmission } from './retransmission.ts';
import { patience, timerDMs } from './timing.ts';
import type { ClientTransaction, ClientUser, TransactionContext } from './transaction.ts';

/** The INVITE client transaction of RFC 3261 section 17.1.1, with the state Accepted of RFC 6026. */
export class InviteClientTransaction implements ClientTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated' = 'calling';
  readonly #context: TransactionContext;
  readonly #user: ClientUser;
  /** Timer A. */
  readonly #again: Retransmission | undefined;
  /** B, then D or M. */
  #timer: Timer;
  #ack: Buffer | undefined;

  constructor(key: string, request: SipRequest, hop: Hop, user: ClientUser, context: TransactionContext) {
    this.key = key;
    this.request = request;
    this.hop = hop;
    this.#user = user;
    this.#context = context;
    const { clock, timing } = context;
    const bytes = serializeMessage(request);
    this.#timer = clock.after(patience(timing), () => this.#end(() => user.timedOut()));
    if (!hop.reliable) {
      this.#again = new Retransmission(clock, { firstMs: timing.t1, longestMs: Number.POSITIVE_INFINITY }, () => {
        context.retransmitted(request.method);
        this.#send(bytes);
      });
    }
    this.#send(bytes);
  }

  receive(response: SipResponse): void {
    if (this.state === 'terminated') return;
    if (this.state === 'completed') {
      if (!isProvisional(response) && !isSuccess(response)) this.#acknowledge(response);
    } else if (this.state === 'accepted') {
      // Of another fork, or again, for its ACK was lost: both are the dialogs' business.
      if (isSuccess(response)) this.#user.response(response);
    } else if (isProvisional(response)) {
      this.#proceed();
      this.#user.response(response);
    } else {
      this.#complete(response);
    }
  }

  terminate(): void {
    this.#end(() => {});
  }

  #proceed(): void {
    if (this.state === 'proceeding') return;
    this.state = 'proceeding';
    this.#again?.stop();
    // It may ring for as long as its caller lets it.
    this.#timer.cancel();
  }

  #complete(response: SipResponse): void {
    this.#again?.stop();
    this.#timer.cancel();
    const { clock, timing } = this.#context;
    if (isSuccess(response)) {
      this.state = 'accepted';
      this.#timer = clock.after(patience(timing), () => this.terminate());
      this.#user.response(response);
      return;
    }
    this.state = 'completed';
    this.#acknowledge(response);
    this.#user.response(response);
    const restMs = this.hop.reliable ? 0 : Math.max(timerDMs, patience(timing));
    if (this.#isOpen()) this.#timer = clock.after(restMs, () => this.terminate());
  }

  #acknowledge(response: SipResponse): void {
    if (this.#ack !== undefined) this.#context.retransmitted('ACK');
    this.#ack ??= serializeMessage(makeAck(this.request, response));
    this.#send(this.#ack);
  }

  #send(bytes: Buffer): void {
    this.hop.send(bytes).catch((error: unknown) => this.#end(() => this.#user.transportFailed(error)));
  }

  /** A user may end it from within what it is told. */
  #isOpen(): boolean {
    return this.state !== 'terminated';
  }

  #end(tell: () => void): void {
    if (this.state === 'terminated') return;
    // A final answer was given already: what fails now is the ACK, which the other side's retransmission brings about again.
    const answered = this.state === 'completed' || this.state === 'accepted';
    this.state = 'terminated';
    this.#again?.stop();
    this.#timer.cancel();
    if (!answered) tell();
    this.#user.ended();
  }
}
