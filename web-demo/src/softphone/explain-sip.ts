// Answers of SIP (RFC 3261 section 21) in words for the person at the phone.

import type { Explanation } from '../errors/explanation.ts';

const byStatus: Readonly<Record<number, Explanation>> = {
  401: { title: 'Wrong name or password', advice: 'Check both: capital letters count.' },
  403: { title: 'That is not allowed', advice: 'Your account may not do this. Ask whoever runs the server.' },
  404: { title: 'There is nobody by that name', advice: 'Check what you dialled.' },
  407: { title: 'Wrong name or password', advice: 'Check both: capital letters count.' },
  408: { title: 'Nobody answered', advice: 'Try again later.' },
  480: { title: 'Nobody answered', advice: 'They may not be there now. Try again later.' },
  484: { title: 'That number is not complete', advice: 'Dial all of it.' },
  486: { title: 'They are on another call', advice: 'Try again in a while.' },
  487: { title: 'The call was cancelled', advice: '' },
  488: { title: 'The other side speaks another kind of sound', advice: 'There is no codec that both have.' },
  503: { title: 'The server has no room for another call', advice: 'Try again in a while.' },
  600: { title: 'They are on another call', advice: 'Try again in a while.' },
  603: { title: 'They declined the call', advice: '' },
};

export function explainStatus(status: number): Explanation {
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) return { title: 'The server could not do that', advice: `It answered with ${status}. Try again.` };
  return { title: 'The call did not come about', advice: `The other side answered with ${status}.` };
}

export function explainTransfer(status: number): Explanation {
  return { title: 'The call was not handed on', advice: `${explainStatus(status).title}. You are still in it.` };
}

/** A phone that is not let in says nothing more than that: who guesses learns nothing. */
export function explainRefusedSignIn(status: number): Explanation {
  return [401, 403, 404, 407].includes(status) ? (byStatus[401] ?? explainStatus(status)) : explainStatus(status);
}

export const unreachable: Explanation = {
  title: 'The server cannot be reached',
  advice: 'Check the address, and that this page is allowed there (sip.listen, origins).',
};
