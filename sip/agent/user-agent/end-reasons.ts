import type { EndReason } from './session-events.ts';

/** How the agent's own ends of calls are told to the other side (RFC 3326). */
export const endReasons: Readonly<Record<EndReason, string>> = {
  ACK_TIMEOUT: 'SIP ;cause=408 ;text="ACK timeout"',
  SESSION_EXPIRED: 'SIP ;cause=408 ;text="Session timer expired"',
  DIALOG_GONE: 'SIP ;cause=481 ;text="Call does not exist"',
  NO_ANSWER: 'SIP ;cause=408 ;text="No answer within the call"',
  APPLICATION_GONE: 'SIP ;cause=503 ;text="Application gone"',
  SHUTDOWN: 'SIP ;cause=503 ;text="Shutting down"',
};

/**
 * What an answer to a request of ours within a call says of the call: the other side knows nothing of it, or is not there any more
 * (RFC 3261 section 12.2.1.2). A PRACK or NOTIFY may have been for something in it that is gone.
 */
export function endAfter(method: string, status: number): EndReason | undefined {
  if (method === 'PRACK' || method === 'NOTIFY') return undefined;
  if (status === 481) return 'DIALOG_GONE';
  return status === 408 ? 'NO_ANSWER' : undefined;
}
