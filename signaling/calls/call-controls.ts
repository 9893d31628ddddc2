// What whoever is in a call may do to its legs.

import { AppError } from '../../core/errors.ts';
import type { Press } from '../phones/passed-keys.ts';
import type { CallRecords } from './call-records.ts';
import type { Caller } from './caller.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';

/** @throws {AppError} CALL_NOT_FOUND: to others a call is as good as none. */
export function requireOwnLeg(call: LiveCall, identity: string): Leg {
  const leg = call.legs.find((one) => isOwn(one, identity) && !one.isOver);
  if (leg === undefined) throw new AppError('CALL_NOT_FOUND', { callId: call.id });
  return leg;
}

/**
 * One's own by an empty id. Of others: for who started the call, for moderators of its room, and for either of two who are alone.
 * @throws {AppError} CALL_NOT_FOUND, CALL_LEG_NOT_FOUND
 */
export function requireLeg(call: LiveCall, legId: string, caller: Caller): Leg {
  if (legId === '') return requireOwnLeg(call, caller.identity);
  const leg = call.legs.find(({ id, isOver }) => id === legId && !isOver);
  if (leg !== undefined && isOwn(leg, caller.identity)) return leg;
  requireTakesPart(call, caller);
  if (leg === undefined || !(mayRule(call, caller) || call.answered.length === 2)) {
    throw new AppError('CALL_LEG_NOT_FOUND', { legId });
  }
  return leg;
}

/** Over the whole call. */
export function mayRule(call: LiveCall, caller: Caller): boolean {
  const hasStarted = call.parts.startedBy === caller.identity && (call.caller?.ofUser ?? false);
  return hasStarted || caller.grantsIn(call.room).has('moderate');
}

/** Whoever is only rung has no say yet. @throws {AppError} CALL_NOT_FOUND, CALL_REFUSED */
export function requireTakesPart(call: LiveCall, caller: Caller): void {
  if (!mayRule(call, caller)) requireAnswered(requireOwnLeg(call, caller.identity));
}

/** @throws {AppError} CALL_REFUSED */
export function requireAnswered(leg: Leg): void {
  if (!leg.isAnswered) throw new AppError('CALL_REFUSED', { problem: 'the leg was not answered' });
}

/** A number is nobody's who signs in by its name, as `tel:+4930123`. */
const isOwn = (leg: Leg, identity: string): boolean => leg.ofUser && leg.identity === identity;

/** A phone is asked to, and tells when it is so. */
export function hold(
  call: LiveCall,
  leg: Leg,
  { hold, by }: { hold: boolean; by: string },
  records: CallRecords,
): void {
  requireAnswered(leg);
  if (leg.held === hold) return;
  leg.phone?.hold(hold);
  setHeld(call, leg, hold ? (leg.identity === by ? 'self' : 'other') : '', records);
}

export function setHeld(call: LiveCall, leg: Leg, heldBy: Leg['heldBy'], records: CallRecords): void {
  leg.held = heldBy !== '';
  leg.heldBy = heldBy;
  records.step(call, leg.held ? 'held' : 'resumed', leg);
  call.changed();
}

/** @throws {AppError} CALL_REFUSED */
export function mute(leg: Leg, muted: boolean): void {
  if (leg.phone === undefined) throw new AppError('CALL_REFUSED', { problem: 'the leg is of no phone' });
  leg.phone.mute(muted);
}

/** @throws {AppError} CALL_REFUSED */
export function sendDigits(legs: readonly Leg[], digits: string, durationMs: number): void {
  const phones = legs.flatMap(({ phone }) => (phone === undefined ? [] : [phone]));
  if (phones.length === 0) throw new AppError('CALL_REFUSED', { problem: 'no phone is in it' });
  for (const phone of phones) phone.sendDigits(digits, durationMs);
}

/**
 * A key that a phone of the call pressed is pressed at its other phones. Not in a room of others: there keys are the room's, unless two
 * are alone in it. Who is on hold hears nothing, and is not heard.
 */
export function passKey(call: LiveCall, from: Leg, press: Press): void {
  const { clock, ownsRoom, roomSize } = call.parts;
  if (from.held || !(ownsRoom || (roomSize() ?? 0) <= 2)) return;
  const to = call.answered.filter(({ phone, held }) => phone !== undefined && !held).filter((leg) => leg !== from);
  const passed = to.length > 0 && from.passedKeys.take(press, clock.monotonicMs());
  if (passed) for (const { phone } of to) phone?.sendDigits(passed.digit, passed.durationMs);
}
