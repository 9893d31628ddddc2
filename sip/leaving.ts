import { noBody } from './agent/messages/message.ts';
import { SipHeaders } from './agent/messages/sip-headers.ts';
import type { ResponseDraft } from './agent/user-agent/draft.ts';

/** What a node takes no more that sends everybody elsewhere; outside of calls, as is all of a draining agent. */
export const takenElsewhere: ReadonlySet<string> = new Set(['INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE']);

/** It may take calls again soon: nobody has to stop it after all. */
export function answerLeaving(): ResponseDraft {
  return { status: 503, headers: SipHeaders.of([['Retry-After', '60']]), body: noBody };
}
