import type { SipHeaders } from './sip-headers.ts';

/** RFC 3261 section 20.43: 399 is for people to read. Nobody out there is called `localhost` by this agent. */
const words = /^399 localhost "cannot be reached: (.*)"$/;

/** Says in an answer that nobody sent why the request could not be brought to whom it was for. */
export function warnOfUnreachable(headers: SipHeaders, cause: string): void {
  headers.set('Warning', `399 localhost "cannot be reached: ${cause.replace(/["\\\r\n]/g, ' ')}"`);
}

/** Undefined: it was somebody's answer. */
export function unreachableCause(headers: SipHeaders): string | undefined {
  return words.exec(headers.get('Warning') ?? '')?.[1];
}
