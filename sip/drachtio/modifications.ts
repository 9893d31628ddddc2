import type { Clock } from '../../core/clock.ts';
import { answerDirection, withDirection } from './media-direction.ts';
import { refusal } from './refusal.ts';
import { SipFailure } from './sip-failure.ts';
import type { Answer } from './transact.ts';

/** Re-INVITEs that wait for the one before them. */
const mostWaiting = 16;
/** An offer that crosses one of the other side is made again so often (RFC 3261 section 14.1). */
const mostCrossings = 4;

/** Made when its turn has come, and anew where it crossed one of the other side that changed the session (RFC 3264 section 8). */
export interface Offering {
  readonly offer: () => string | Promise<string>;
}

/** Answers the offer of the other side. */
type Answering = (offer: string) => string | Promise<string>;

/** An offer, or what answers one of the other side. */
export type Modification = string | Offering | Answering;

/** The call whose session is modified. */
export interface ModifiedCall {
  readonly clock: Clock;
  readonly role: 'uac' | 'uas';
  readonly ended: Promise<unknown>;
  readonly localSdp: () => string;
  /** Sends a re-INVITE. */
  readonly invite: (offer: string | undefined) => Promise<Answer>;
  readonly agreed: (local: string, remote: string) => void;
}

/** The re-INVITEs of ours in one call, one after the other. */
export class Modifications {
  readonly #call: ModifiedCall;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(call: ModifiedCall) {
    this.#call = call;
  }

  /** The description of the other side. @throws {SipFailure} the session stays what it was, and the next one has its turn. */
  make(modification: Modification): Promise<string> {
    if (this.#waiting >= mostWaiting)
      return Promise.reject(new SipFailure('TOO_MANY', 'too many modifications of one call wait'));
    this.#waiting += 1;
    const modified = this.#last
      .then(() => this.#modify(modification))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#last = modified.catch(() => {});
    return modified;
  }

  async #modify(modification: Modification): Promise<string> {
    for (let crossings = 0; ; crossings += 1) {
      const described = typeof modification === 'object' ? await modification.offer() : modification;
      const answer = await this.#call.invite(typeof described === 'string' ? described : undefined);
      if (answer.status < 300) return this.#acknowledge(described, answer);
      if (answer.status !== 491 || crossings >= mostCrossings) throw refusal(answer);
      await this.#patience();
    }
  }

  async #acknowledge(described: string | Answering, answer: Answer): Promise<string> {
    if (typeof described === 'string') {
      answer.acknowledge();
      this.#call.agreed(described, answer.body);
      return answer.body;
    }
    let local: string;
    try {
      local = await described(answer.body);
    } catch (error) {
      // A 2xx without ACK would end the call; what was agreed before is the answer.
      answer.acknowledge(withDirection(this.#call.localSdp(), answerDirection(answer.body)));
      throw error;
    }
    answer.acknowledge(local);
    this.#call.agreed(local, answer.body);
    return answer.body;
  }

  /** Who owns the Call-ID waits longer, so that the two do not cross again (RFC 3261 section 14.1). */
  #patience(): Promise<void> {
    const { role, clock, ended } = this.#call;
    const ms = role === 'uac' ? 2_100 + Math.random() * 1_900 : Math.random() * 2_000;
    return new Promise((resolve) => {
      const timer = clock.after(ms, resolve);
      void ended.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
