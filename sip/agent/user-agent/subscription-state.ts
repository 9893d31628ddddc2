import type { SipResponse } from '../messages/message.ts';
import { parseParameters } from '../messages/parameters.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import type { SipHeaders } from '../messages/sip-headers.ts';
import type { EndReason } from './session-events.ts';

export interface SubscriptionState {
  /** `active`, `pending`, `terminated`, or a word of an extension, which counts as active (RFC 6665 section 4.1.3). */
  readonly state: string;
  readonly seconds: number | undefined;
}

export function parseSubscriptionState(headers: SipHeaders): SubscriptionState {
  const [state = '', ...rest] = (headers.get('Subscription-State') ?? '').split(';');
  const expires = parseParameters(rest.join(';')).get('expires');
  return { state: state.trim().toLowerCase(), seconds: parseDeltaSeconds(expires ?? '') };
}

/** How long a subscription lasts where nobody says. */
export function usualSeconds(method: string): number {
  return method === 'REFER' ? 180 : 3_600;
}

/** A REFER that nobody wants to hear of any more (RFC 4488). */
export function isWithoutSubscription({ headers }: SipResponse): boolean {
  return headers.get('Refer-Sub')?.trim().toLowerCase().startsWith('false') ?? false;
}

/** Of the last NOTIFY, where the agent says it: whether who is notified may ask for it anew (RFC 6665 section 4.1.3). */
export function reasonOfLast(reason: EndReason): string {
  return reason === 'SHUTDOWN' ? 'deactivated' : 'noresource';
}
