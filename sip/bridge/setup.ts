import type { PhoneLeg } from '../../media/phones/phone-media.ts';
import type { IncomingCall } from '../drachtio/incoming-call.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import type { TrunkCall } from '../trunks/route.ts';
import { type LineFacts, type LineParts, PhoneLine } from './lines/phone-line.ts';
import { supported } from './supported.ts';

/** A call that came and is not answered yet: what was opened for it, and what is undone when it comes to nothing. */
export class Setup {
  readonly incoming: IncomingCall;
  readonly leg: PhoneLeg;
  readonly #counted: TrunkCall | undefined;
  readonly #undo: (() => void)[] = [];
  readonly #settled: (() => void)[] = [];
  #answer: Promise<string> | undefined;
  #state: 'open' | 'answered' | 'abandoned' = 'open';

  /** `counted`: what the limits of its trunk count it by. */
  constructor(incoming: IncomingCall, leg: PhoneLeg, counted?: TrunkCall) {
    this.incoming = incoming;
    this.leg = leg;
    this.#counted = counted;
    this.onAbandoned(() => {
      leg.close();
      counted?.ended();
    });
    incoming.events.on('canceled', () => this.abandon());
    // While its leg was opened, which nobody was told of.
    if (incoming.canceled) this.abandon();
  }

  /** Neither answered nor given up. */
  get open(): boolean {
    return this.#state === 'open';
  }

  get abandoned(): boolean {
    return this.#state === 'abandoned';
  }

  /** Not called for a call that was answered; at once for one that came to nothing already. */
  onAbandoned(undo: () => void): void {
    if (this.abandoned) undo();
    else this.#undo.push(undo);
  }

  /** Whichever way it goes. */
  onSettled(settled: () => void): void {
    if (!this.open) settled();
    else this.#settled.push(settled);
  }

  /** It was canceled or is refused. */
  abandon(): void {
    if (!this.open) return;
    this.#settle('abandoned');
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  #settle(state: 'answered' | 'abandoned'): void {
    this.#state = state;
    for (const settled of this.#settled.splice(0)) settled();
  }

  /** What its offer is answered with, early and late, or our offer where it has none. @throws {AppError} SDP_REFUSED */
  describe(): Promise<string> {
    const { sdp } = this.incoming;
    this.#answer ??= sdp === '' ? this.leg.offer() : this.leg.answer(sdp);
    return this.#answer;
  }

  /** Media before the answer, as far as the caller has offered any (183). @throws {SipFailure} CANCELED @throws {AppError} */
  async sendEarly(): Promise<void> {
    const sdp = await this.describe();
    await this.incoming.progress(183, { sdp, reliable: true });
  }

  /** @throws {SipFailure} CANCELED @throws {AppError} SDP_REFUSED */
  async accept(parts: LineParts, facts: Omit<LineFacts, 'offered' | 'sipCallId' | 'direction'>): Promise<PhoneLine> {
    const sdp = await this.describe();
    if (this.abandoned) throw new SipFailure('CANCELED', 'the caller took the call back');
    const call = await this.incoming.accept({ sdp, headers: supported });
    this.#settle('answered');
    const { callId: sipCallId, sdp: offer } = this.incoming;
    const line = new PhoneLine(parts, call, this.leg, {
      ...facts,
      direction: 'incoming',
      sipCallId,
      ...(offer === '' && { offered: true }),
    });
    this.#counted?.answered();
    void line.over.then(() => this.#counted?.ended());
    return line;
  }
}
