import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';

export function createCallHandlers(): AreaHandlers<'call', CallContext> {
  return {
    start: () => refuse(''),
    accept: ({ callId }) => refuse(callId),
    decline: ({ callId }) => refuse(callId),
    end: ({ callId }) => refuse(callId),
    add: ({ callId }) => refuse(callId),
    transfer: ({ callId }) => refuse(callId),
    hold: ({ callId }) => refuse(callId),
    mute: ({ callId }) => refuse(callId),
    sendDigits: ({ callId }) => refuse(callId),
    current: () => ({ calls: [] }),
    list: () => ({ calls: [], nextPageToken: '' }),
  };
}

function refuse(callId: string): never {
  throw new AppError('CALL_NOT_FOUND', { callId });
}
