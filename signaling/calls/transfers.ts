// Hands the other side of a call on. Whoever is handed on is never dropped: where nobody answers, whoever handed it on is rung
// again.

import { AppError } from '../../core/errors.ts';
import type { TransferHandlers } from '../phones/phone-desk.ts';
import { requireAnswered } from './call-controls.ts';
import { maxLegs } from './call-limits.ts';
import type { CallRecords } from './call-records.ts';
import type { LegOfCall } from './call-registry.ts';
import type { Calls } from './calls.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import type { RingTarget } from './ring-target.ts';

/** A phone that stays until somebody answers is told how it went, and is told for no longer than a minute (RFC 3515). */
const mostRingMs = 50_000;

export class Transfers {
  readonly #calls: Calls;
  readonly #records: CallRecords;
  /** Whoever rings somebody to come in their place: one at a time, or each of several who answer would. */
  readonly #waiting = new WeakSet<Leg>();

  constructor(calls: Calls, records: CallRecords) {
    this.#calls = calls;
    this.#records = records;
  }

  /**
   * Rings somebody, who comes in the place of the leg. With `told` the leg stays until that is answered, as a phone does that
   * waits to hear of it; otherwise it leaves at once.
   * @throws {AppError} by rejection: CALL_REFUSED, CALL_OVER, CALL_LIMIT, STORE_UNAVAILABLE and its like.
   */
  async blind({ call, leg }: LegOfCall, to: RingTarget, told?: TransferHandlers): Promise<void> {
    requireOthers(call, leg);
    if (this.#waiting.has(leg)) throw new AppError('CALL_REFUSED', { problem: 'somebody is rung for it already' });
    this.#waiting.add(leg);
    const ringMs = told === undefined ? 0 : Math.min(call.parts.ringMs, mostRingMs);
    try {
      await this.#calls.ringMore(call, leg, [to], ringMs, {
        insteadOf: leg,
        ringing: () => told?.ringing(),
        answered: () => {
          this.#waiting.delete(leg);
          told?.done();
          this.#left(call, leg);
        },
        failed: (reason) => {
          this.#waiting.delete(leg);
          told?.failed(reason);
          if (leg.isOver) recall(call, leg);
        },
      });
    } catch (error) {
      this.#waiting.delete(leg);
      throw error;
    }
    if (told === undefined) this.#left(call, leg);
  }

  /**
   * Those whom a person has in two calls speak to each other from now on, in the first one's room, and that person is out.
   * @throws {AppError} by rejection: CALL_REFUSED, CALL_OVER, CALL_LIMIT, STORE_UNAVAILABLE and its like.
   */
  async attended(one: LegOfCall, other: LegOfCall, onDone = () => {}): Promise<void> {
    requireAnswered(one.leg);
    requireOthers(one.call, one.leg);
    const moving = this.#requireMovable(other, identitiesIn(one.call));
    await this.#invite(one, moving);
    if (other.call.isOver) throw new AppError('CALL_OVER', { callId: other.call.id });
    onDone();
    this.#meet(one, this.#release(other, moving));
  }

  /**
   * Lets those go that a person has in a call, for a call on another node in which these identities are; the call ends.
   * @throws {AppError} CALL_REFUSED
   */
  handOver(other: LegOfCall, identities: ReadonlySet<string>): Leg[] {
    return this.#release(other, this.#requireMovable(other, identities));
  }

  /**
   * Takes those in whom another node let go. Where they cannot come in, nobody else has them.
   * @throws {AppError} by rejection: CALL_REFUSED, CALL_OVER, CALL_LIMIT, STORE_UNAVAILABLE and its like.
   */
  async takeOver(one: LegOfCall, legs: readonly Leg[]): Promise<void> {
    try {
      await this.#invite(one, legs);
    } catch (error) {
      for (const { phone } of legs) phone?.end('hung-up');
      throw error;
    }
    this.#meet(one, legs);
  }

  #requireMovable(other: LegOfCall, identities: ReadonlySet<string>): Leg[] {
    requireAnswered(other.leg);
    const moving = requireOthers(other.call, other.leg);
    // A conference is taken along by nobody but whoever may end it for all.
    if (moving.length > 1 && other.call.parts.startedBy !== other.leg.identity) {
      throw new AppError('CALL_REFUSED', { problem: 'it is a conference that somebody else started' });
    }
    const twice = moving.find(({ identity }) => identities.has(identity));
    if (twice !== undefined) throw new AppError('CALL_REFUSED', { problem: `${twice.identity} is in both` });
    return moving;
  }

  async #invite({ call, leg }: LegOfCall, legs: readonly Leg[]): Promise<void> {
    if (call.legs.filter(({ isOver }) => !isOver).length + legs.length > maxLegs) {
      throw new AppError('CALL_LIMIT', { limit: maxLegs, what: 'legs in a call' });
    }
    await this.#records.started(call, legs, leg);
    if (call.isOver) throw new AppError('CALL_OVER', { callId: call.id });
  }

  #release({ call }: LegOfCall, moving: readonly Leg[]): Leg[] {
    const there = moving.filter((leg) => !leg.isOver);
    for (const leg of there) call.release(leg);
    call.endAll('transferred');
    return there;
  }

  #meet({ call, leg }: LegOfCall, legs: readonly Leg[]): void {
    for (const moved of legs) call.adopt(moved);
    this.#left(call, leg);
  }

  #left(call: LiveCall, leg: Leg): void {
    if (leg.isOver) return;
    this.#records.step(call, 'transferred', leg);
    call.end(leg, 'transferred');
  }
}

export const identitiesIn = ({ legs }: LiveCall): Set<string> =>
  new Set(legs.filter(({ isOver }) => !isOver).map(({ identity }) => identity));

/** @throws {AppError} CALL_REFUSED */
export function requireOthers(call: LiveCall, leg: Leg): Leg[] {
  const others = call.answered.filter((one) => one !== leg);
  if (others.length === 0) throw new AppError('CALL_REFUSED', { problem: 'nobody else is in it' });
  return others;
}

/** Once: where it does not answer either, the call is over. */
function recall(call: LiveCall, { target, identity, name, ofUser, askedBy }: Leg): void {
  if (call.isOver || call.answered.length === 0 || call.legOf(identity) !== undefined) return;
  const again = call.add({ target, identity, name, ofUser });
  again.askedBy = askedBy;
  call.ring(again, call.parts.ringMs);
}
