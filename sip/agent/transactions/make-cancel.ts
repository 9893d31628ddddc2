import { noBody, type SipRequest } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';

/**
 * The CANCEL of a request (RFC 3261 section 9.1): its Via with its branch, its Route, and nothing else that the INVITE said.
 * `extra` are fields that the caller may add: Reason.
 */
export function makeCancel(request: SipRequest, extra: Iterable<readonly [string, string]> = []): SipRequest {
  const headers = new SipHeaders();
  headers.add('Via', request.headers.get('Via') ?? '');
  headers.add('Max-Forwards', '70');
  for (const route of request.headers.all('Route')) headers.add('Route', route);
  for (const name of ['From', 'To', 'Call-ID']) headers.add(name, request.headers.get(name) ?? '');
  headers.add('CSeq', (request.headers.get('CSeq') ?? '').replace(/\S+$/, 'CANCEL'));
  for (const [name, value] of extra) headers.add(name, value);
  return { kind: 'request', method: 'CANCEL', uri: request.uri, headers, body: noBody };
}
