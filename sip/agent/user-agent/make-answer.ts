import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Flow } from '../transports/flow.ts';
import { type AgentContext, allow, servedOptions } from './context.ts';
import { addDraft, contentType, type ResponseDraft } from './draft.ts';

/** Of methods that begin a dialog or change where it leads: their 2xx names where we are (RFC 3261 table 2, RFC 6665). */
const withContact: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** The whole answer to a request, of what the application said of it. An INVITE's goes through `ServerInvite` besides. */
export function makeAnswer(
  context: AgentContext,
  request: SipRequest,
  flow: Flow,
  { status, reason, headers, body }: ResponseDraft,
  toTag: string,
): SipResponse {
  const response = makeResponse(request, status, { toTag, ...(reason !== undefined && { reason }) });
  if (status > 100 && status < 300 && withContact.has(request.method)) {
    for (const route of request.headers.all('Record-Route')) response.headers.add('Record-Route', route);
    response.headers.add('Contact', context.contact(flow));
    if (request.method === 'INVITE' || request.method === 'UPDATE') response.headers.add('Allow', allow);
  }
  if (context.product !== '') response.headers.add('Server', context.product);
  // What is not allowed, names what is (RFC 3261 section 8.2.1); OPTIONS asks what there is (section 11.2).
  if (status === 405 || (request.method === 'OPTIONS' && status === 200)) response.headers.add('Allow', allow);
  if (request.method === 'OPTIONS' && status === 200) {
    response.headers.add('Accept', 'application/sdp');
    response.headers.add('Supported', [...servedOptions].join(', '));
  }
  addDraft(response.headers, headers);
  const type = contentType(headers, body);
  if (type !== undefined) response.headers.set('Content-Type', type);
  return { ...response, body };
}
