import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { warnOfUnreachable } from '../messages/unreachable-warning.ts';
import { createTag } from './tags.ts';

/** An answer that nobody sent: what a request of ours gets that could not be sent, or was not answered. `cause`: in words, for people. */
export function localResponse(request: SipRequest, status: number, cause?: string): SipResponse {
  const response = makeResponse(request, status, { toTag: createTag() });
  if (cause !== undefined) warnOfUnreachable(response.headers, cause);
  return response;
}
