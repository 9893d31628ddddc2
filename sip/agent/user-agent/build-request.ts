import { randomUUID } from 'node:crypto';
import { firstCSeq } from '../dialogs/dialog.ts';
import type { SipRequest } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { formatHostPort } from '../messages/parse-uri.ts';
import { formatVia } from '../messages/parse-via.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Hop } from '../transactions/hop.ts';
import { createBranch } from '../transactions/keys.ts';
import { allow } from './context.ts';
import { addDraft, contentType, type RequestDraft } from './draft.ts';
import { createTag } from './tags.ts';

const withContact: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);
const localNames = ['From', 'To', 'Contact', 'P-Asserted-Identity', 'P-Preferred-Identity'];

/** A request outside of any dialog: what it has to have, and what its draft says (RFC 3261 section 8.1.1). */
export function buildRequest(product: string, uri: string, { method, headers, body }: RequestDraft): SipRequest {
  const made = new SipHeaders();
  made.add('Max-Forwards', headers.get('Max-Forwards') ?? '70');
  const from = headers.get('From') ?? '<sip:localhost>';
  made.add('From', tagOf(from) === undefined ? `${from};tag=${createTag()}` : from);
  made.add('To', headers.get('To') ?? `<${uri}>`);
  made.add('Call-ID', headers.get('Call-ID') ?? randomUUID());
  const number = /^\d+/.exec(headers.get('CSeq') ?? '')?.[0] ?? firstCSeq();
  made.add('CSeq', `${number} ${method}`);
  if (method === 'INVITE') {
    made.add('Allow', allow);
    made.add('Supported', 'timer');
  }
  if (product !== '') made.add('User-Agent', product);
  addDraft(made, headers);
  const type = contentType(headers, body);
  if (type !== undefined) made.set('Content-Type', type);
  return { kind: 'request', method, uri, headers: made, body };
}

/** What is known only with the way: where we are, towards there. */
export function prepareFor(request: SipRequest, hop: Hop): SipRequest {
  const wants = withContact.has(request.method) && !request.headers.has('Contact');
  const local = localNames.filter((name) => request.headers.get(name)?.includes('localhost'));
  if (!wants && local.length === 0) return request;
  const headers = request.headers.copy();
  if (wants) headers.add('Contact', contactTowards(hop));
  const own = formatHostPort(hop.sentBy);
  for (const name of local) headers.set(name, (headers.get(name) ?? '').replace(/([:@])localhost\b/, `$1${own}`));
  return { ...request, headers };
}

/** Over TLS too: `sips` would ask every hop behind us for TLS, which phones refuse (RFC 5630 section 3.3). */
export function contactTowards({ transport, sentBy }: Pick<Hop, 'transport' | 'sentBy'>): string {
  const parameter = transport === 'UDP' ? '' : `;transport=${transport.toLowerCase()}`;
  return `<sip:${formatHostPort(sentBy)}${parameter}>`;
}

/** For what is no transaction: the ACK of a 2xx. */
export function viaTowards(hop: Hop): string {
  const parameters = new Map([
    ['branch', createBranch()],
    ['rport', ''],
  ]);
  return formatVia({ transport: hop.transport, ...hop.sentBy, parameters });
}
