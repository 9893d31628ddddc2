import type { Clock, Timer } from '../../../core/clock.ts';
import type { SipResponse } from '../messages/message.ts';
import { Retransmission } from '../transactions/retransmission.ts';
import { patience, type Timing } from '../transactions/timing.ts';

/**
 * A 2xx of ours until its ACK comes: sent again over any transport, for the way may change its transport on the way
 * (RFC 3261 section 13.3.1.4). Without an ACK in 64 × T1 the call is over.
 */
export class AcceptedInvite {
  readonly response: SipResponse;
  readonly cseq: number;
  readonly #again: Retransmission;
  readonly #timer: Timer;

  constructor(
    about: { readonly response: SipResponse; readonly cseq: number; readonly clock: Clock; readonly timing: Timing },
    user: { readonly sendAgain: () => void; readonly unacknowledged: () => void },
  ) {
    const { response, cseq, clock, timing } = about;
    this.response = response;
    this.cseq = cseq;
    this.#again = new Retransmission(clock, { firstMs: timing.t1, longestMs: timing.t2 }, user.sendAgain);
    this.#timer = clock.after(patience(timing), () => {
      this.stop();
      user.unacknowledged();
    });
  }

  /** At the ACK, or when the call ends otherwise. */
  stop(): void {
    this.#again.stop();
    this.#timer.cancel();
  }
}
