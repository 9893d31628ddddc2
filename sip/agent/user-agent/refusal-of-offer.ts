import { isTooShort, type SessionTimerOptions } from '../dialogs/session-timer.ts';
import type { SipRequest } from '../messages/message.ts';
import type { Offers } from './offers.ts';
import type { ServerInvite } from './server-invite.ts';

export interface RefusedOffer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/**
 * What an INVITE or UPDATE within a call is refused with before anybody is asked: offers cross (RFC 3261 section 14.2, RFC 3311
 * section 5.2), or the session interval is too short (RFC 4028 section 9).
 */
export function refusalOfOffer(
  { method, headers, body }: SipRequest,
  call: {
    readonly offers: Offers;
    readonly server: ServerInvite | undefined;
    readonly sessionTimer: SessionTimerOptions;
  },
): RefusedOffer | undefined {
  const { offers, server, sessionTimer } = call;
  const crossing =
    method === 'INVITE' ? offers.refusalOfInvite(server) : offers.refusalOfUpdate(body.length > 0, server);
  if (crossing === 491) return { status: 491, headers: [] };
  if (crossing === 500) {
    return { status: 500, headers: [['Retry-After', String(Math.floor(Math.random() * 10))]] };
  }
  if (!isTooShort(headers, sessionTimer)) return undefined;
  return { status: 422, headers: [['Min-SE', String(sessionTimer.least)]] };
}
