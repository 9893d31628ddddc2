// What lets a client go on with its session at a node that never had it.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Characters of 6 bits: 132 bits. */
const length = 22;

/** Proves that a node of this cluster gave the session to this identity. Worth nothing without a token of the same. */
export function ticketOf(secret: string, session: { readonly id: string; readonly identity: string }): string {
  const { id, identity } = session;
  return createHmac('sha256', secret).update(`session ${id} ${identity}`).digest('base64url').slice(0, length);
}

/** Whether a resume secret, as a client has it, ends in the ticket. The time it takes tells nothing. */
export function hasTicket(secret: string, resumeSecret: string, session: Parameters<typeof ticketOf>[1]): boolean {
  const ticket = resumeSecret.slice(resumeSecret.lastIndexOf('.') + 1);
  const sha256 = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(sha256(ticket), sha256(ticketOf(secret, session)));
}

/** What other nodes know of the session of a peer: enough to compare, and nothing to resume with. */
export function sessionHashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url').slice(0, length);
}
