import { createHash, randomBytes } from 'node:crypto';
import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { serverKey } from './keys.ts';

const secret = randomBytes(16);

/** An answer of which nothing is kept: what comes again is answered again, with the same tag (RFC 3261 section 8.2.7). */
export function makeStatelessResponse(
  request: SipRequest,
  status: number,
  options: { readonly reason?: string } = {},
): SipResponse {
  const hash = createHash('sha256')
    .update(secret)
    .update(serverKey(request) ?? '');
  return makeResponse(request, status, { ...options, toTag: hash.digest('hex').slice(0, 16) });
}
