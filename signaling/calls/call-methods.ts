// What people do to calls of this node, from a session here or on another node: the methods of the contract whose requests name
// a call.

import { AppError } from '../../core/errors.ts';
import type { CallInfo, CallTarget, Methods } from '../../proto/gen/types.ts';
import { hold, mayRule, mute, requireLeg, requireOwnLeg, requireTakesPart, sendDigits } from './call-controls.ts';
import type { CallsElsewhere } from './call-desk.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRegistry } from './call-registry.ts';
import type { Caller } from './caller.ts';
import type { Calls } from './calls.ts';
import type { RingTarget } from './ring-target.ts';
import type { Transfers } from './transfers.ts';

export const callMethodNames = ['accept', 'decline', 'end', 'add', 'transfer', 'hold', 'mute', 'sendDigits'] as const;
export type CallMethod = (typeof callMethodNames)[number];

export type RequestOf<Name extends CallMethod> = Methods[`call.${Name}`]['request'];
/** The call as it is then; undefined: the answer says nothing. */
export type CallMethods = {
  readonly [Name in CallMethod]: (
    request: RequestOf<Name>,
    caller: Caller,
  ) => Promise<CallInfo | undefined> | CallInfo | undefined;
};

const defaultDigitMs = 100;

interface CallMethodsParts {
  readonly registry: CallRegistry;
  readonly calls: Calls;
  readonly transfers: Transfers;
  readonly records: CallRecords;
  readonly elsewhere: Pick<CallsElsewhere, 'takeOver'> | undefined;
}

export function createCallMethods({ registry, calls, transfers, records, elsewhere }: CallMethodsParts): CallMethods {
  return {
    accept: ({ callId }, caller) => calls.accept(registry.require(callId), caller).toInfo(),

    decline({ callId, reason }, { identity }) {
      const call = registry.require(callId);
      const leg = requireOwnLeg(call, identity);
      if (leg.isAnswered) throw new AppError('CALL_TAKEN', { callId });
      call.fail(leg, reason === 'busy' ? 'busy' : 'declined');
      return undefined;
    },

    end({ callId, legId, forAll }, caller) {
      const call = registry.require(callId);
      if (forAll) {
        requireTakesPart(call, caller);
        if (!mayRule(call, caller)) throw new AppError('GRANT_MISSING', { grant: 'moderate' });
        call.endAll(call.answeredAtMs === undefined ? 'canceled' : 'hung-up');
        return undefined;
      }
      const leg = requireLeg(call, legId, caller);
      const isDeclined = leg.isAwaited && leg.identity === caller.identity && leg !== call.caller;
      if (isDeclined) call.fail(leg, 'declined');
      else call.end(leg, leg.isAnswered ? 'hung-up' : 'canceled');
      return undefined;
    },

    async add({ callId, to, ringMs }, caller) {
      const call = registry.require(callId);
      requireTakesPart(call, caller);
      await calls.add(call, caller, toTargets(to), ringMs);
      return call.toInfo();
    },

    async transfer({ callId, to, toCallId }, caller) {
      const call = registry.require(callId);
      const from = { call, leg: requireOwnLeg(call, caller.identity) };
      if ((to === undefined) === (toCallId === '')) {
        throw new AppError('BAD_REQUEST', { field: 'to', problem: 'or toCallId must be given, and not both' });
      }
      if (to === undefined) {
        const isElsewhere = registry.find(toCallId) === undefined;
        if (isElsewhere && (await elsewhere?.takeOver(from, toCallId, caller.identity))) return call.toInfo();
        const other = registry.require(toCallId);
        await transfers.attended(from, { call: other, leg: requireOwnLeg(other, caller.identity) });
      } else {
        const target = toTarget(to, 'to');
        calls.requireMayRing(caller, call.room, [target]);
        await transfers.blind(from, target);
      }
      return call.toInfo();
    },

    hold({ callId, legId, hold: wanted }, caller) {
      const call = registry.require(callId);
      hold(call, requireLeg(call, legId, caller), { hold: wanted, by: caller.identity }, records);
      return call.toInfo();
    },

    mute({ callId, legId, muted }, caller) {
      const call = registry.require(callId);
      mute(requireLeg(call, legId, caller), muted);
      return call.toInfo();
    },

    sendDigits({ callId, legId, digits, durationMs }, caller) {
      const call = registry.require(callId);
      requireTakesPart(call, caller);
      const leg = call.legs.find(({ id }) => id === legId);
      if (legId !== '' && leg === undefined) throw new AppError('CALL_LEG_NOT_FOUND', { legId });
      sendDigits(leg === undefined ? call.answered : [leg], digits, durationMs || defaultDigitMs);
      return undefined;
    },
  };
}

/** @throws {AppError} BAD_REQUEST */
export function toTargets(to: readonly CallTarget[]): RingTarget[] {
  const targets = to.map((target, index) => toTarget(target, `to[${index}]`));
  if (new Set(targets.map((target) => JSON.stringify(target))).size < targets.length) {
    throw new AppError('BAD_REQUEST', { field: 'to', problem: 'names somebody twice' });
  }
  return targets;
}

/** @throws {AppError} BAD_REQUEST */
export function toTarget({ user, number, uri }: CallTarget, field: string): RingTarget {
  const given = [user, number, uri].filter((text) => text !== '');
  if (given.length !== 1) throw new AppError('BAD_REQUEST', { field, problem: 'needs one of user, number and uri' });
  if (user !== '') return { user };
  return number === '' ? { uri } : { number };
}
