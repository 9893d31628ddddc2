import { parseNameAddr } from '../agent/messages/parse-name-addr.ts';
import { parseUri } from '../agent/messages/parse-uri.ts';
import type { CallerKind, DialRequest } from '../dial-plan/decision.ts';
import type { IncomingCall } from '../drachtio/incoming-call.ts';

const longestName = 128;

/** What the plan is asked about a call. */
export function dialRequest({ uri, headers, source }: IncomingCall, from: CallerKind): DialRequest {
  // Whoever is known to speak for others may say who calls (RFC 3325); everybody else says it of themselves.
  const asserted = from.kind === 'trunk' ? headers.get('P-Asserted-Identity') : undefined;
  const said = parseNameAddr(asserted ?? headers.get('From') ?? '');
  return {
    from,
    called: userOf(uri),
    caller: said === undefined ? '' : userOf(said.uri),
    callerName: (said?.displayName ?? '').slice(0, longestName),
    headers,
    source,
  };
}

/** `100` of `sip:100@example.org`, `+4930123` of `tel:+49-30-123`; '' where there is none. */
export function userOf(text: string): string {
  const uri = parseUri(text);
  if (uri === undefined || uri.scheme === 'other') return '';
  return uri.scheme === 'tel' ? uri.number : (uri.user ?? '');
}
