// Calls of the contract with everything filled in that a test does not care about.

import type { CallInfo, CallLeg } from '../../proto/gen/types.ts';

export function callLeg(legId: string, changes: Partial<CallLeg> = {}): CallLeg {
  return {
    legId,
    kind: 'user',
    identity: legId,
    name: legId,
    number: '',
    state: 'accepted',
    via: 'client',
    peerId: '',
    held: false,
    heldBy: '',
    muted: false,
    endReason: '',
    codec: '',
    encrypted: false,
    ...changes,
  };
}

/** `ada`, as whom the client is signed in, calls `ben`. */
export function outgoingCall(changes: Partial<CallInfo> = {}): CallInfo {
  return callInfo({ legs: [callLeg('ada'), callLeg('ben', { state: 'ringing' })], ...changes });
}

/** `ben` calls `ada`. */
export function incomingCall(changes: Partial<CallInfo> = {}): CallInfo {
  return callInfo({ legs: [callLeg('ben'), callLeg('ada', { state: 'ringing' })], ...changes });
}

function callInfo(changes: Partial<CallInfo>): CallInfo {
  return {
    callId: 'k1',
    room: 'call-k1',
    state: 'ringing',
    legs: [],
    startedAtMs: 1,
    subject: '',
    video: false,
    audioCodec: '',
    endReason: '',
    ...changes,
  };
}
