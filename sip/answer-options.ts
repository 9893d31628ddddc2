import { noBody } from './agent/messages/message.ts';
import { SipHeaders } from './agent/messages/sip-headers.ts';
import { allow, servedOptions } from './agent/user-agent/context.ts';
import type { ResponseDraft } from './agent/user-agent/draft.ts';

/** What OPTIONS gets where no application answers it: that somebody is here, and what is understood (RFC 3261 section 11.2). */
export function answerOptions(): ResponseDraft {
  const headers = SipHeaders.of([
    ['Allow', allow],
    ['Accept', 'application/sdp'],
    ['Supported', [...servedOptions].join(', ')],
  ]);
  return { status: 200, headers, body: noBody };
}
