import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { createTag } from './tags.ts';

/** An answer that nobody sent: what a request of ours gets that could not be sent, or was not answered. */
export function localResponse(request: SipRequest, status: number): SipResponse {
  return makeResponse(request, status, { toTag: createTag() });
}
