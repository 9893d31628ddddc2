// Hands the other side of a call on. Whoever is handed on is never dropped: where nobody answers, whoever handed it on is rung
// again.

import { AppError } from '../../core/errors.ts';
import type { TransferHandlers } from '../phones/phone-desk.ts';
import { maxLegs } from './call-limits.ts';
import type { CallRecords } from './call-records.ts';
import type { LegOfCall } from './call-registry.ts';
import type { Calls } from './calls.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import type { RingTarget } from './ring-target.ts';

export class Transfers {
  readonly #calls: Calls;
  readonly #records: CallRecords;

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
    await this.#calls.ringMore(call, leg, [to], 0, {
      ringing: () => told?.ringing(),
      answered: () => {
        told?.done();
        this.#left(call, leg);
      },
      failed: (reason) => {
        told?.failed(reason);
        if (leg.isOver) recall(call, leg);
      },
    });
    if (told === undefined) this.#left(call, leg);
  }

  /**
   * Those whom a person has in two calls speak to each other from now on, in the first one's room, and that person is out.
   * @throws {AppError} by rejection: CALL_REFUSED, CALL_OVER, CALL_LIMIT, STORE_UNAVAILABLE and its like.
   */
  async attended(one: LegOfCall, other: LegOfCall, onDone = () => {}): Promise<void> {
    if (one.call === other.call) throw new AppError('CALL_REFUSED', { problem: 'both are the same call' });
    requireOthers(one.call, one.leg);
    const moving = requireOthers(other.call, other.leg);
    if (one.call.legs.filter((leg) => !leg.isOver).length + moving.length > maxLegs) {
      throw new AppError('CALL_LIMIT', { limit: maxLegs, what: 'legs in a call' });
    }
    const twice = moving.find(({ identity }) => one.call.legOf(identity) !== undefined);
    if (twice !== undefined) throw new AppError('CALL_REFUSED', { problem: `${twice.identity} is in both` });
    await this.#records.started(one.call, moving, one.leg);
    if (one.call.isOver) throw new AppError('CALL_OVER', { callId: one.call.id });
    if (other.call.isOver) throw new AppError('CALL_OVER', { callId: other.call.id });
    for (const leg of moving) {
      if (leg.isOver) continue;
      other.call.release(leg);
      one.call.adopt(leg);
    }
    onDone();
    this.#left(one.call, one.leg);
    other.call.endAll('transferred');
  }

  #left(call: LiveCall, leg: Leg): void {
    if (leg.isOver) return;
    this.#records.step(call, 'transferred', leg);
    call.end(leg, 'transferred');
  }
}

/** @throws {AppError} CALL_REFUSED */
function requireOthers(call: LiveCall, leg: Leg): Leg[] {
  const others = call.answered.filter((one) => one !== leg);
  if (others.length === 0) throw new AppError('CALL_REFUSED', { problem: 'nobody else is in it' });
  return others;
}

/** Once: where it does not answer either, the call is over. */
function recall(call: LiveCall, { target, identity, name }: Leg): void {
  if (call.isOver || call.answered.length === 0 || call.legOf(identity) !== undefined) return;
  call.ring(call.add({ target, identity, name }), call.parts.ringMs);
}
