import type { Clock, Timer } from '../../../core/clock.ts';
import type { SipResponse } from '../messages/message.ts';
import { hasOption } from '../messages/option-tags.ts';
import type { RAck } from '../messages/parse-cseq.ts';
import { Retransmission } from '../transactions/retransmission.ts';
import { patience, type Timing } from '../transactions/timing.ts';

/** Provisional answers that may wait for the PRACK of the one before them. */
const mostWaiting = 8;

export interface ReliableProvisionalsUser {
  send(response: SipResponse): void;
  /** None of them was acknowledged in 64 × T1: the call has to be refused (section 3). */
  unacknowledged(): void;
}

/**
 * Provisional answers of ours that want a PRACK (RFC 3262 section 3): numbered, one under way at a time, sent again until it is
 * acknowledged.
 */
export class ReliableProvisionals {
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #user: ReliableProvisionalsUser;
  #rseq = Math.floor(Math.random() * 2 ** 16) + 1;
  #underWay: { readonly rseq: number; readonly again: Retransmission; readonly timer: Timer } | undefined;
  readonly #waiting: SipResponse[] = [];

  constructor(about: { readonly clock: Clock; readonly timing: Timing }, user: ReliableProvisionalsUser) {
    this.#clock = about.clock;
    this.#timing = about.timing;
    this.#user = user;
  }

  /** Whether one is not acknowledged: a 2xx of ours has to wait for it when it had an offer (section 3). */
  get pending(): boolean {
    return this.#underWay !== undefined;
  }

  /** False when too many wait already. The response gets its RSeq and Require here, and is sent now or behind the one before. */
  send(response: SipResponse): boolean {
    if (this.#waiting.length >= mostWaiting) return false;
    this.#rseq += 1;
    response.headers.set('RSeq', String(this.#rseq));
    if (!hasOption(response.headers, 'Require', '100rel')) response.headers.add('Require', '100rel');
    if (this.#underWay === undefined) this.#begin(response);
    else this.#waiting.push(response);
    return true;
  }

  /** False for a PRACK that means none of them, which is 481. */
  acknowledge(rack: RAck, invite: { readonly number: number }): boolean {
    const matches = this.#underWay?.rseq === rack.rseq && rack.method === 'INVITE' && rack.number === invite.number;
    if (!matches) return false;
    this.#end();
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
    return true;
  }

  /** At the final answer: what was not acknowledged by then is sent no more. */
  stop(): void {
    this.#end();
    this.#waiting.length = 0;
  }

  #begin(response: SipResponse): void {
    const options = { firstMs: this.#timing.t1, longestMs: Number.POSITIVE_INFINITY };
    const again = new Retransmission(this.#clock, options, () => this.#user.send(response));
    const timer = this.#clock.after(patience(this.#timing), () => {
      this.stop();
      this.#user.unacknowledged();
    });
    this.#underWay = { rseq: Number(response.headers.get('RSeq')), again, timer };
    this.#user.send(response);
  }

  #end(): void {
    this.#underWay?.again.stop();
    this.#underWay?.timer.cancel();
    this.#underWay = undefined;
  }
}
