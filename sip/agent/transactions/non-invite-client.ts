import type { Timer } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from './hop.ts';
import { isProvisional } from './keys.ts';
import { Retransmission } from './retransmission.ts';
import { patience } from './timing.ts';
import type { ClientTransaction, ClientUser, TransactionContext } from './transaction.ts';

/** The non-INVITE client transaction of RFC 3261 section 17.1.2. */
export class NonInviteClientTransaction implements ClientTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying';
  readonly #context: TransactionContext;
  readonly #user: ClientUser;
  /** Timer E. */
  readonly #again: Retransmission | undefined;
  /** F, then K. */
  #timer: Timer;

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
      this.#again = new Retransmission(clock, { firstMs: timing.t1, longestMs: timing.t2 }, () => {
        context.retransmitted(request.method);
        this.#send(bytes);
      });
    }
    this.#send(bytes);
  }

  receive(response: SipResponse): void {
    if (this.state === 'completed' || this.state === 'terminated') return;
    if (isProvisional(response)) {
      this.state = 'proceeding';
      this.#again?.slowDown();
      this.#user.response(response);
      return;
    }
    this.state = 'completed';
    this.#again?.stop();
    this.#timer.cancel();
    const restMs = this.hop.reliable ? 0 : this.#context.timing.t4;
    this.#timer = this.#context.clock.after(restMs, () => this.terminate());
    this.#user.response(response);
  }

  terminate(): void {
    this.#end(() => {});
  }

  #send(bytes: Buffer): void {
    this.hop.send(bytes).catch((error: unknown) => this.#end(() => this.#user.transportFailed(error)));
  }

  #end(tell: () => void): void {
    if (this.state === 'terminated') return;
    const answered = this.state === 'completed';
    this.state = 'terminated';
    this.#again?.stop();
    this.#timer.cancel();
    if (!answered) tell();
    this.#user.ended();
  }
}
