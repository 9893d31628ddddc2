import { answerTerms, type SessionTerms, type SessionTimerOptions } from '../dialogs/session-timer.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { hasOption } from '../messages/option-tags.ts';

/** Writes into a 2xx of ours what becomes of the session interval that its request asked for (RFC 4028 section 9). */
export function agreeOnTimer(
  request: SipRequest,
  response: SipResponse,
  options: SessionTimerOptions,
): SessionTerms | undefined {
  const terms = answerTerms(request.headers, options);
  if (terms === undefined) return undefined;
  response.headers.set('Session-Expires', `${terms.interval};refresher=${terms.refresher}`);
  const required = hasOption(response.headers, 'Require', 'timer');
  if (terms.refresher === 'uac' && !required) response.headers.add('Require', 'timer');
  return terms;
}
