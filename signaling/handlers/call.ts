import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallInfo, CallTarget } from '../../proto/gen/types.ts';
import type { CallContext } from '../call.ts';
import type { CallDesk } from '../calls/call-desk.ts';
import { readCallList } from '../calls/call-list.ts';
import { type CallMethod, type RequestOf, toTarget, toTargets } from '../calls/call-methods.ts';
import type { Caller } from '../calls/caller.ts';
import type { Session } from '../session.ts';

export function createCallHandlers(desk: CallDesk): AreaHandlers<'call', CallContext> {
  const { registry, calls, methods, records, elsewhere, roomLog } = desk;

  async function carryOut<Name extends CallMethod>(
    method: Name,
    request: RequestOf<Name>,
    { session }: CallContext,
  ): Promise<CallInfo | undefined> {
    const caller = callerOf(session);
    if (registry.find(request.callId) === undefined) {
      const done = await elsewhere?.carryOut(method, request, caller);
      if (done !== undefined) return done.call;
    }
    return await methods[method](request, caller);
  }

  const toInfo =
    <Name extends CallMethod>(method: Name) =>
    async (request: RequestOf<Name>, context: CallContext): Promise<CallInfo> => {
      const call = await carryOut(method, request, context);
      if (call === undefined) throw new AppError('CALL_NOT_FOUND', { callId: request.callId });
      return call;
    };

  const toNothing =
    <Name extends CallMethod>(method: Name) =>
    async (request: RequestOf<Name>, context: CallContext) => {
      await carryOut(method, request, context);
      return {};
    };

  return {
    async start({ to, room, ringMs, firstRing, subject, video, clientId }, { session }) {
      const targets = toTargets(to);
      if (targets.some((target) => 'user' in target && target.user === session.identity)) {
        throw new AppError('BAD_REQUEST', { field: 'to', problem: 'is your own identity' });
      }
      const call = await calls.start(callerOf(session), {
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

    accept: toInfo('accept'),
    decline: toNothing('decline'),
    end: toNothing('end'),
    add: toInfo('add'),
    transfer: toInfo('transfer'),
    hold: toInfo('hold'),
    mute: toInfo('mute'),
    sendDigits: toNothing('sendDigits'),

    async current(_request, { session: { identity } }) {
      return { calls: [...registry.current(identity), ...((await elsewhere?.current(identity)) ?? [])] };
    },

    async list({ pageToken, pageSize }, { session: { identity } }) {
      await records.listed(identity);
      return readCallList(roomLog, identity, { pageToken, pageSize });
    },
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
