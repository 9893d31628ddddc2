import { noBody, type SipRequest, type SipResponse } from './message.ts';
import { tagOf } from './parse-name-addr.ts';
import { reasonPhrase } from './reason-phrase.ts';
import { SipHeaders } from './sip-headers.ts';

/** What an answer copies from its request (RFC 3261 section 8.2.6.2). */
const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/**
 * An answer with what every answer has. `toTag` goes to a To without one, in all but 100; Timestamp is given back with 100
 * (section 8.2.6.1).
 */
export function makeResponse(
  request: SipRequest,
  status: number,
  options: { readonly reason?: string; readonly toTag?: string } = {},
): SipResponse {
  const headers = new SipHeaders();
  for (const name of copied) for (const value of request.headers.all(name)) headers.add(name, value);
  const timestamp = request.headers.get('Timestamp');
  if (status === 100 && timestamp !== undefined) headers.add('Timestamp', timestamp);
  const to = headers.get('To');
  if (status > 100 && options.toTag !== undefined && to !== undefined && tagOf(to) === undefined) {
    headers.set('To', `${to};tag=${options.toTag}`);
  }
  return { kind: 'response', status, reason: options.reason ?? reasonPhrase(status), headers, body: noBody };
}
