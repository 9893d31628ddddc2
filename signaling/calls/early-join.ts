import type { PhoneJoin } from '../phones/phone-desk.ts';
import { phoneJoinOf } from './call-info.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import type { AnsweredPhone } from './telephony.ts';

/**
 * What a number that rings comes into the room with, for one person who waits there to hear its announcements and how it rings. A
 * meeting is not disturbed by that, and of several that ring at once the first one is heard. Undefined: it stays outside.
 */
export function earlyJoinOf(call: LiveCall, leg: Leg, phone: AnsweredPhone): PhoneJoin | undefined {
  const { legs, answered, callerTold, answeredAtMs, parts } = call;
  if (call.isOver || !leg.isAwaited || leg.kind === 'user' || answered.length !== 1) return undefined;
  // Who calls by phone is in no room before the answer: the phones themselves hear each other.
  if (callerTold !== undefined && answeredAtMs === undefined) return undefined;
  if (!parts.ownsRoom && (parts.roomSize() ?? 0) > 1) return undefined;
  if (legs.some((one) => one !== leg && one.isEarly && one.isAwaited)) return undefined;
  leg.isEarly = true;
  return { ...phoneJoinOf(call, leg, phone), ringing: true };
}
