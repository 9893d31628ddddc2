import { parseNameAddr } from '../agent/messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../agent/messages/parse-session-expires.ts';
import { parseUri } from '../agent/messages/parse-uri.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';

/**
 * How long a registrar keeps a contact: all of the user are in its answer, those of other phones too (RFC 3261 section 10.3). The agent
 * wrote the host of ours, which nobody here is told: of several that may be meant, the one that ends first. Undefined: it does not say.
 */
export function grantedSeconds(headers: SipHeaders, contact: string | undefined): number | undefined {
  const seconds: number[] = [];
  for (const value of headers.all('Contact')) {
    const bound = parseNameAddr(value);
    const expires = parseDeltaSeconds(bound?.parameters.get('expires') ?? '');
    if (bound === undefined || expires === undefined) continue;
    if (contact === undefined || userOf(bound.uri) === userOf(contact)) seconds.push(expires);
  }
  if (seconds.length > 0) return Math.min(...seconds);
  return parseDeltaSeconds(headers.get('Expires') ?? '');
}

function userOf(text: string): string | undefined {
  const uri = parseUri(text);
  return uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri.user : undefined;
}
