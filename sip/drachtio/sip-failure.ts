import type { SipHeaders } from '../agent/messages/sip-headers.ts';

export type SipFailureReason =
  /** Answered with a status of 300 or more, which is in `status`. */
  | 'REFUSED'
  /** By the caller, or by this side. */
  | 'CANCELED'
  /** There is no such call any more. */
  | 'CALL_ENDED'
  /** The connection to the agent is not there, or was lost. */
  | 'DISCONNECTED'
  /** The agent would not send it. */
  | 'NOT_SENT'
  /** More re-INVITEs of one call wait than may. */
  | 'TOO_MANY';

/** Why a request did not do what it was for. */
export class SipFailure extends Error {
  readonly reason: SipFailureReason;
  /** Of the answer, or 0. */
  readonly status: number;
  readonly headers: SipHeaders | undefined;

  constructor(reason: SipFailureReason, text: string, answer?: { status: number; headers: SipHeaders }) {
    super(text);
    this.name = 'SipFailure';
    this.reason = reason;
    this.status = answer?.status ?? 0;
    this.headers = answer?.headers;
  }
}

/** Of what drachtio-srf hands over in place of an error: words, errors, nothing. */
export function toFailure(thrown: unknown): SipFailure {
  if (thrown instanceof SipFailure) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENODIALOG' || /unable to find dialog/i.test(text)) return new SipFailure('CALL_ENDED', text);
  if (/unknown transaction|already sent/i.test(text)) return new SipFailure('CANCELED', text);
  if (code === 'ESOCKETDESTROYED' || /socket/i.test(text)) return new SipFailure('DISCONNECTED', text);
  return new SipFailure('NOT_SENT', text);
}
