// A call as others see it.

import type { CallInfo } from '../../proto/gen/types.ts';
import type { PhoneJoin } from '../phones/phone-desk.ts';
import { audioCodecOf } from './audio-codec.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';

export function callInfoOf(call: LiveCall): CallInfo {
  const { id: callId, room, legs, startedAtMs, answeredAtMs, endedAtMs, endReason } = call;
  const { subject, video, ownsRoom } = call.parts;
  return {
    callId,
    room,
    state: call.isOver ? 'ended' : answeredAtMs === undefined ? 'ringing' : 'accepted',
    legs: legs.map((leg) => leg.toInfo()),
    startedAtMs,
    subject,
    video,
    // In a room of others there may be more than the call knows.
    audioCodec: ownsRoom ? audioCodecOf(legs) : '',
    endReason,
    ...(answeredAtMs !== undefined && { answeredAtMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
  };
}

/** What the phone of a leg comes into the room with. */
export function phoneJoinOf({ room, id: callId }: LiveCall, leg: Leg, device = leg.device): PhoneJoin {
  const { identity, name, id: legId } = leg;
  const { number = leg.number, trunk = '', attributes } = device ?? {};
  return { room, identity, name, number, trunk, callId, legId, ...(attributes && { attributes }) };
}
