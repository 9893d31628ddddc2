import { randomUUID } from 'node:crypto';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { parseCSeq } from '../messages/parse-cseq.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { parseVia } from '../messages/parse-via.ts';

/** What a branch begins with that is unique over space and time (RFC 3261 section 8.1.1.7). */
export const magicCookie = 'z9hG4bK';

/** Of a request of ours: 122 random bits. */
export function createBranch(): string {
  return `${magicCookie}${randomUUID()}`;
}

/** To which client transaction a response belongs (section 17.1.3). */
export function clientKey(message: SipMessage): string | undefined {
  const via = parseVia(message.headers.get('Via') ?? '');
  const method = parseCSeq(message.headers.get('CSeq') ?? '')?.method;
  const branch = via?.parameters.get('branch');
  return branch === undefined || method === undefined ? undefined : `${branch} ${method}`;
}

/**
 * To which server transaction a request belongs (section 17.2.3). ACK and CANCEL belong to transactions of other methods:
 * `method` is the one that is looked for.
 */
export function serverKey(request: SipRequest, method = request.method): string | undefined {
  const value = request.headers.get('Via') ?? '';
  const via = parseVia(value);
  if (via === undefined) return undefined;
  const branch = via.parameters.get('branch');
  // The host too: the branch is the other side's choice, and two sides may choose the same one.
  // The cookie alone tells nothing apart (RFC 4475 section 3.2.1).
  const unique = branch?.startsWith(magicCookie) && branch.length > magicCookie.length;
  if (unique) return `${branch} ${via.host.toLowerCase()}:${via.port ?? ''} ${method}`;
  // Agents of RFC 2543: the fields that they repeat in each retransmission, in the ACK and in the CANCEL.
  const { headers } = request;
  const number = parseCSeq(headers.get('CSeq') ?? '')?.number;
  return [request.uri, tagOf(headers.get('From')), headers.get('Call-ID'), number, value, method].join(' ');
}

/**
 * One request that came here on two ways, as after a fork (section 8.2.2.2), has one of these and two server keys.
 * Undefined within a dialog.
 */
export function mergeKey({ method, headers }: SipRequest): string | undefined {
  if (method === 'ACK' || method === 'CANCEL' || tagOf(headers.get('To')) !== undefined) return undefined;
  const from = tagOf(headers.get('From'));
  return from === undefined ? undefined : `${from} ${headers.get('Call-ID')} ${headers.get('CSeq')}`;
}

export function isProvisional(response: SipResponse): boolean {
  return response.status < 200;
}

export function isSuccess(response: SipResponse): boolean {
  return response.status >= 200 && response.status < 300;
}
