import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';

/** The ACK for a final response that is no 2xx: part of the INVITE's transaction (RFC 3261 section 17.1.1.3). */
export function makeAck(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = new SipHeaders();
  headers.add('Via', invite.headers.get('Via') ?? '');
  headers.add('Max-Forwards', '70');
  for (const route of invite.headers.all('Route')) headers.add('Route', route);
  headers.add('From', invite.headers.get('From') ?? '');
  headers.add('To', response.headers.get('To') ?? invite.headers.get('To') ?? '');
  headers.add('Call-ID', invite.headers.get('Call-ID') ?? '');
  headers.add('CSeq', (invite.headers.get('CSeq') ?? '').replace(/[A-Z]+$/, 'ACK'));
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: noBody };
}
