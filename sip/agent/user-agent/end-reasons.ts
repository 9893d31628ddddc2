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
