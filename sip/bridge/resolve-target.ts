import type { RingTarget } from '../../signaling/calls/ring-target.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { CallerKind, DialPlan } from '../dial-plan/decision.ts';
import type { Resolved } from './ringing/ring.ts';
import { userOf } from './user-of.ts';

/** A call that people of this server make has no request that came from somewhere. */
const nowhere = { address: '', port: 0, protocol: '' };

/**
 * What somebody reaches who has this dialled by the API, or transfers to it: nothing else than what they would reach from their own
 * phone or trunk. Rooms and PIN prompts are entered, not rung.
 */
export function resolveTarget(plan: DialPlan, target: RingTarget, from: CallerKind): Resolved {
  if ('user' in target) return { kind: 'user', identity: target.user };
  const called = 'number' in target ? target.number : userOf(target.uri);
  if (called === '') return { kind: 'nowhere', failure: 'unreachable' };
  const headers = new SipHeaders();
  const caller = from.kind === 'user' ? from.identity : '';
  const { to } = plan.decide({ from, called, caller, callerName: '', headers, source: nowhere });
  switch (to.kind) {
    case 'user':
      return { kind: 'user', identity: to.identity };
    case 'number':
      return { kind: 'number', number: to.number, trunks: to.trunks };
    case 'reject':
      return { kind: 'nowhere', failure: to.status === 403 ? 'forbidden' : 'unreachable' };
    default:
      return { kind: 'nowhere', failure: 'unreachable' };
  }
}
