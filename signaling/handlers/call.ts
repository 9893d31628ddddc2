import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallTarget } from '../../proto/gen/types.ts';
import type { CallContext } from '../call.ts';
import {
  hold,
  mayRule,
  mute,
  requireLeg,
  requireOwnLeg,
  requireTakesPart,
  sendDigits,
} from '../calls/call-controls.ts';
import type { CallDesk } from '../calls/call-desk.ts';
import { readCallList } from '../calls/call-list.ts';
import type { Caller } from '../calls/calls.ts';
import type { RingTarget } from '../calls/ring-target.ts';
import type { Session } from '../session.ts';

const defaultDigitMs = 100;

export function createCallHandlers({
  calls,
  transfers,
  records,
  roomLog,
}: CallDesk): AreaHandlers<'call', CallContext> {
  return {
    async start({ to, room, ringMs, firstRing, subject, video, clientId }, { session }) {
      const caller = callerOf(session);
      const targets = to.map((target, index) => toTarget(target, `to[${index}]`));
      const own = targets.find((target) => 'user' in target && target.user === session.identity);
      if (own !== undefined) throw new AppError('BAD_REQUEST', { field: 'to', problem: 'is your own identity' });
      const call = await calls.start(caller, {
        to: targets,
        room: room || undefined,
        ringMs,
        firstRing: firstRing && (isEmpty(firstRing) ? { user: session.identity } : toTarget(firstRing, 'firstRing')),
        subject,
        video,
        clientId,
      });
      return call.toInfo();
    },

    accept: ({ callId }, { session }) => calls.accept(calls.require(callId), callerOf(session)).toInfo(),

    decline({ callId, reason }, { session }) {
      const call = calls.require(callId);
      const leg = requireOwnLeg(call, session.identity);
      if (leg.isAnswered) throw new AppError('CALL_TAKEN', { callId });
      call.fail(leg, reason === 'busy' ? 'busy' : 'declined');
      return {};
    },

    end({ callId, legId, forAll }, { session }) {
      const call = calls.require(callId);
      const caller = callerOf(session);
      if (forAll) {
        requireTakesPart(call, caller);
        if (!mayRule(call, caller)) throw new AppError('CALL_LEG_NOT_FOUND', { legId: 'of all' });
        call.endAll(call.answeredAtMs === undefined ? 'canceled' : 'hung-up');
        return {};
      }
      const leg = requireLeg(call, legId, caller);
      if (leg.isAwaited && leg.identity === session.identity && leg !== call.caller) call.fail(leg, 'declined');
      else call.end(leg, leg.isAnswered ? 'hung-up' : 'canceled');
      return {};
    },

    async add({ callId, to, ringMs }, { session }) {
      const call = calls.require(callId);
      requireTakesPart(call, callerOf(session));
      const targets = to.map((target, index) => toTarget(target, `to[${index}]`));
      await calls.add(call, callerOf(session), targets, ringMs);
      return call.toInfo();
    },

    async transfer({ callId, to, toCallId }, { session }) {
      const call = calls.require(callId);
      const from = { call, leg: requireOwnLeg(call, session.identity) };
      if ((to === undefined) === (toCallId === '')) {
        throw new AppError('BAD_REQUEST', { field: 'to', problem: 'or toCallId must be given, and not both' });
      }
      if (to === undefined) {
        const other = calls.require(toCallId);
        await transfers.attended(from, { call: other, leg: requireOwnLeg(other, session.identity) });
      } else {
        const target = toTarget(to, 'to');
        calls.requireMayRing(callerOf(session), call.room, [target]);
        await transfers.blind(from, target);
      }
      return call.toInfo();
    },

    hold({ callId, legId, hold: wanted }, { session }) {
      const call = calls.require(callId);
      const leg = requireLeg(call, legId, callerOf(session));
      hold(call, leg, { hold: wanted, by: session.identity }, records);
      return call.toInfo();
    },

    mute({ callId, legId, muted }, { session }) {
      const call = calls.require(callId);
      mute(requireLeg(call, legId, callerOf(session)), muted);
      return call.toInfo();
    },

    sendDigits({ callId, legId, digits, durationMs }, { session }) {
      const call = calls.require(callId);
      requireTakesPart(call, callerOf(session));
      const leg = call.legs.find(({ id }) => id === legId);
      if (legId !== '' && leg === undefined) throw new AppError('CALL_LEG_NOT_FOUND', { legId });
      sendDigits(leg === undefined ? call.answered : [leg], digits, durationMs || defaultDigitMs);
      return {};
    },

    current: (_request, { session }) => ({ calls: calls.current(session.identity) }),

    list: ({ pageToken, pageSize }, { session }) => readCallList(roomLog, session.identity, { pageToken, pageSize }),
  };
}

const callerOf = (session: Session): Caller => ({
  sessionId: session.id,
  identity: session.identity,
  name: session.name,
  grantsIn: (room) => session.grantsIn(room),
  peerIn: (room) => (session.isIn(room) ? session.requirePeer(room).id : undefined),
});

const isEmpty = ({ user, number, uri }: CallTarget): boolean => user === '' && number === '' && uri === '';

/** @throws {AppError} BAD_REQUEST */
function toTarget({ user, number, uri }: CallTarget, field: string): RingTarget {
  const given = [user, number, uri].filter((text) => text !== '');
  if (given.length !== 1) throw new AppError('BAD_REQUEST', { field, problem: 'needs one of user, number and uri' });
  if (user !== '') return { user };
  return number === '' ? { uri } : { number };
}
