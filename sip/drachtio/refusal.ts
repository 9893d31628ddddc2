import { unreachableCause } from '../agent/messages/unreachable-warning.ts';
import { SipFailure } from './sip-failure.ts';
import type { Answer } from './transact.ts';

/** What a final answer that is no success comes to. */
export function refusal({ status, reason, headers }: Answer): SipFailure {
  const why = status === 487 ? 'CANCELED' : status === 481 ? 'CALL_ENDED' : 'REFUSED';
  const cause = unreachableCause(headers);
  const text = cause === undefined ? `${status} ${reason}` : `cannot be reached: ${cause}`;
  return new SipFailure(why, text, { status, headers });
}
