// One call while it lives: who is rung, who has answered, who is left. Everything happens in one turn, so of two who answer at
// once, or of an answer and a hang-up, one is first and the other finds what it left.

import type { RoomId } from '../../core/ids.ts';
import type { CallInfo } from '../../proto/gen/types.ts';
import type { PhoneCallHandlers, PhoneJoin } from '../phones/phone-desk.ts';
import { callInfoOf, phoneJoinOf } from './call-info.ts';
import { CallLegs } from './call-legs.ts';
import { joinWithinMs, rejoinWithinMs } from './call-limits.ts';
import { isDeserted } from './is-deserted.ts';
import { type EndReason, Leg, type LegDescription } from './leg.ts';
import type { LegPhone } from './leg-phone.ts';
import { ringLeg } from './leg-ringing.ts';
import { LegWaits } from './leg-waits.ts';
import type { LiveCallParts } from './live-call-parts.ts';
import type { AnsweredPhone, RingEnd } from './telephony.ts';
import { tellChanged, tellLegOver } from './tell-call.ts';
import { worstOf } from './worst-of.ts';

export class LiveCall {
  readonly parts: LiveCallParts;
  readonly startedAtMs: number;
  answeredAtMs: number | undefined;
  endedAtMs: number | undefined;
  endReason: CallInfo['endReason'] = '';
  /** Who called by phone is told there. */
  callerTold: PhoneCallHandlers | undefined;
  /** Who was invited to its room. */
  readonly invited = new Set<string>();
  readonly #legs = new CallLegs();
  #caller: Leg | undefined;
  readonly #waits = new LegWaits();
  #changeDue = false;

  constructor(parts: LiveCallParts) {
    this.parts = parts;
    this.startedAtMs = parts.clock.nowMs();
  }

  get id(): string {
    return this.parts.id;
  }

  get room(): RoomId {
    return this.parts.room;
  }

  get isOver(): boolean {
    return this.endedAtMs !== undefined;
  }

  get legs(): readonly Leg[] {
    return this.#legs.told;
  }

  /** With those that are told of no more. */
  get allLegs(): readonly Leg[] {
    return this.#legs.all;
  }

  /** Who called: kept when others come and go. */
  get caller(): Leg | undefined {
    return this.#caller;
  }

  get answered(): readonly Leg[] {
    return this.legs.filter((leg) => leg.isAnswered);
  }

  legOf(identity: string): Leg | undefined {
    return this.legs.find((leg) => leg.identity === identity && !leg.isOver);
  }

  add(description: LegDescription): Leg {
    const leg = new Leg(description);
    this.#take(leg);
    return leg;
  }

  /** A leg of another call goes on in this one. */
  adopt(leg: Leg): void {
    leg.peerId = '';
    leg.stays = false;
    this.#take(leg);
    leg.phone?.move(phoneJoinOf(this, leg));
    this.awaitJoin(leg);
  }

  /** It goes on in another call, and is told nothing of this one's end. */
  release(leg: Leg): void {
    this.#waits.stop(leg);
    this.#legs.delete(leg);
    this.parts.onLegOver(leg);
    if (leg.phone === undefined && leg.peerId !== '' && !leg.stays) this.parts.takeOut(leg, leg.peerId);
  }

  ring(leg: Leg, ringMs: number): void {
    if (this.isOver || leg.isOver) return;
    leg.state = 'calling';
    leg.wasRung = true;
    this.#waits.add(leg, ringLeg(this, leg, ringMs));
    this.changed();
  }

  /** While it is rung, a browser of its user has come. */
  browserCame(leg: Leg, sessionId: string): void {
    this.#waits.browserCame(leg, sessionId);
  }

  rings(leg: Leg): void {
    leg.rang = true;
    if (leg.state !== 'calling') return;
    leg.state = 'ringing';
    leg.outcome?.ringing();
    if (leg !== this.caller) this.callerTold?.ringing();
    this.changed();
  }

  /** A browser has it. */
  answer(leg: Leg, by: { readonly sessionId: string; readonly name: string }): void {
    this.#waits.stop(leg, 'answered-elsewhere');
    leg.via = 'client';
    leg.sessionId = by.sessionId;
    leg.name = by.name;
    if (leg.kind === 'user') this.#tellElsewhere(leg);
    this.#nowAnswered(leg);
    this.awaitJoin(leg);
  }

  /** A phone was picked up. Undefined: too late. */
  answerByPhone(leg: Leg, phone: AnsweredPhone): PhoneJoin | undefined {
    if (!leg.isAwaited || this.isOver) return undefined;
    this.#waits.stop(leg, 'answered-elsewhere');
    leg.via = 'phone';
    leg.device = phone;
    if (leg.kind !== 'user') leg.name = phone.name || leg.name;
    if (leg.kind === 'user') this.#tellElsewhere(leg);
    this.#nowAnswered(leg);
    // Whoever was told of the answer may have ended the call.
    if (this.isOver) return undefined;
    this.awaitJoin(leg);
    return phoneJoinOf(this, leg);
  }

  /** Who answered, or called, and does not come is lost. */
  awaitJoin(leg: Leg): void {
    if (leg.peerId === '') this.#endWithin(leg, joinWithinMs, 'lost');
  }

  /** A browser left the room and said nothing of the call: as a page does that is loaded anew. */
  stepsOut(leg: Leg): void {
    leg.peerId = '';
    this.#endWithin(leg, rejoinWithinMs, 'hung-up');
    this.changed();
  }

  /** The node of its browser died: it can come back by another one. */
  cutOff(leg: Leg): void {
    leg.peerId = '';
    this.awaitJoin(leg);
    this.changed();
  }

  /** It is in the room. */
  joined(leg: Leg, peerId: string, phone?: LegPhone): void {
    this.#waits.stop(leg);
    leg.peerId = peerId;
    leg.phone = phone;
    this.changed();
  }

  /** Nobody answered there. */
  fail(leg: Leg, reason: EndReason): void {
    if (leg.isOver || leg.isAnswered) return;
    // The caller's own phone, which is rung first.
    if (leg === this.caller) {
      this.endAll(reason);
      return;
    }
    this.#over(leg, reason, reason === 'no-answer' || reason === 'declined' ? reason : 'canceled');
    this.parts.records.step(this, 'failed', leg);
    leg.outcome?.failed(reason);
    this.#settle(reason);
  }

  /** It hung up, or was hung up. */
  end(leg: Leg, reason: EndReason): void {
    if (leg.isOver || this.isOver) return;
    const wasAnswered = leg.isAnswered;
    if (leg === this.caller && this.answeredAtMs === undefined && reason !== 'transferred') {
      this.endAll(wasAnswered && reason === 'hung-up' ? 'canceled' : reason);
      return;
    }
    this.#over(leg, reason, 'canceled');
    this.parts.records.step(this, wasAnswered ? 'left' : 'failed', leg);
    if (!wasAnswered) leg.outcome?.failed(reason);
    this.#settle(reason);
  }

  endAll(reason: EndReason): void {
    if (this.isOver) return;
    const { clock, records, onEnded } = this.parts;
    this.endedAtMs = clock.nowMs();
    this.endReason = reason;
    const stopped = reason === 'declined' || reason === 'no-answer' ? reason : 'canceled';
    // Before those who wait for it are hung up.
    for (const leg of this.legs) if (leg.isAwaited) leg.outcome?.failed('canceled');
    for (const leg of this.legs.filter(({ isOver }) => !isOver)) {
      // The others were rung in vain.
      const wasCalled = leg.isAwaited && leg !== this.caller && reason !== 'no-answer';
      this.#over(leg, wasCalled ? 'canceled' : reason, stopped);
    }
    if (this.answeredAtMs === undefined) this.callerTold?.failed(reason);
    records.ended(this);
    onEnded();
  }

  /** Told at the end of the turn, however often. */
  changed(): void {
    if (this.#changeDue) return;
    this.#changeDue = true;
    this.parts.defer(() => {
      this.#changeDue = false;
      if (!this.isOver) tellChanged(this, this.parts.tell);
    });
  }

  /** Somebody left the room who is in no call. */
  roomChanged(): void {
    if (!this.parts.ownsRoom) this.#settle('hung-up');
  }

  toInfo(): CallInfo {
    return callInfoOf(this);
  }

  #take(leg: Leg): void {
    this.#caller ??= leg;
    this.#legs.add(leg, this.#caller);
    this.parts.onLegAdded(leg);
    this.changed();
  }

  #nowAnswered(leg: Leg): void {
    const nowMs = this.parts.clock.nowMs();
    leg.state = 'accepted';
    leg.answeredAtMs = nowMs;
    this.parts.records.step(this, 'answered', leg);
    leg.outcome?.answered();
    const isFirst = this.answeredAtMs === undefined && this.answered.length > 1;
    if (isFirst) this.answeredAtMs = nowMs;
    const { caller } = this;
    // Its own phone was rung first, and the others wait for it.
    if (leg === caller)
      for (const one of [...this.legs]) if (one.state === 'waiting') this.ring(one, this.parts.ringMs);
    if (isFirst && this.callerTold !== undefined && caller !== undefined) {
      this.callerTold.accepted(phoneJoinOf(this, caller));
      this.awaitJoin(caller);
    }
    this.changed();
  }

  #tellElsewhere(leg: Leg): void {
    const ended = { call: this.toInfo(), reason: 'answered-elsewhere' };
    this.parts.tell(leg.identity, { ended }, { except: leg.sessionId });
  }

  /** Unless it is in the room by then. */
  #endWithin(leg: Leg, ms: number, reason: EndReason): void {
    this.#waits.stop(leg);
    this.#waits.add(
      leg,
      this.parts.clock.after(ms, () => this.end(leg, reason)),
    );
  }

  #over(leg: Leg, reason: EndReason, ringEnd: RingEnd): void {
    this.#waits.stop(leg, ringEnd);
    const { via, stays, peerId, phone } = leg;
    leg.state = 'ended';
    leg.endReason = reason;
    leg.endedAtMs = this.parts.clock.nowMs();
    leg.peerId = '';
    leg.phone = undefined;
    this.parts.onLegOver(leg);
    if (leg.ofUser) tellLegOver(this, leg, this.parts.tell);
    if (phone !== undefined) phone.end(reason === 'transferred' ? 'transferred' : 'hung-up');
    else if (via === 'client' && peerId !== '' && !stays) this.parts.takeOut(leg, peerId);
    this.changed();
  }

  /** A call in which nobody is left to speak to ends. */
  #settle(reason: EndReason): void {
    if (this.isOver || !isDeserted(this)) return;
    const failures = this.answeredAtMs === undefined ? this.legs.filter((leg) => leg !== this.caller) : [];
    this.endAll(worstOf(failures.map(({ endReason }) => endReason)) ?? reason);
  }
}
