import { codeNames } from '../../core/error-maps.ts';
import { AppError, type ErrorReason, toAppError } from '../../core/errors.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import { reasonHeader } from './reason-header.ts';

/** What an INVITE is refused with. */
export interface Refusal {
  readonly status: number;
  readonly headers: SrfHeaders;
  /** For logs and records. */
  readonly why: string;
}

/** Where SIP has a status of its own for what its code says too broadly. */
const statusOf: { readonly [Reason in ErrorReason]?: number } = {
  SDP_REFUSED: 488,
  BAD_REQUEST: 400,
  // Another node may have room.
  NODE_OVERLOADED: 503,
  RATE_LIMITED: 503,
  SERVER_DRAINING: 503,
};

/** When a caller may try again that was told no time: what is gone in a moment, or wants an operator. */
const retryAfterMs = 5_000;

export function refuse(status: number, why: string, headers: SrfHeaders = {}): Refusal {
  return { status, why, headers: { Reason: reasonHeader(status, why), ...headers } };
}

/** Thrown on the way of a call that comes to nothing. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.why);
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

/** Of whatever went wrong before a call was answered. What nobody expected is told as 500, without its words. */
export function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal;
  // Of another leg: what a phone or trunk there said is what the caller hears.
  if (thrown instanceof SipFailure) {
    const status = thrown.status >= 400 ? thrown.status : thrown.reason === 'CANCELED' ? 487 : 503;
    return refuse(status, thrown.message);
  }
  const error = toAppError(thrown);
  const status = statusOf[error.reason] ?? codeNames[error.code].sip;
  const wait = error.retryAfterMs ?? (status === 503 ? retryAfterMs : undefined);
  const headers: SrfHeaders = wait === undefined ? {} : { 'Retry-After': String(Math.max(Math.ceil(wait / 1_000), 1)) };
  return refuse(status, error.message, headers);
}

/** Whether it is a defect of ours, which has to be logged with its cause. */
export function isDefect(thrown: unknown): boolean {
  return (
    !(thrown instanceof SipFailure || thrown instanceof Refused) &&
    !(thrown instanceof AppError && thrown.reason !== 'INTERNAL')
  );
}
