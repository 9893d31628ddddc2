import { AppError } from '../../../core/errors.ts';
import type { RingFailure } from '../../../signaling/calls/telephony.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';

/** Of the first two everybody knows that a person is there; the last one says the least. */
const telling: readonly RingFailure[] = ['declined', 'busy', 'forbidden', 'no-answer', 'failed', 'unreachable'];

/** Why a phone or a target of a trunk did not answer. */
export function ringFailure(thrown: unknown): RingFailure {
  if (thrown instanceof AppError) return thrown.reason === 'SDP_REFUSED' ? 'failed' : 'unreachable';
  if (!(thrown instanceof SipFailure)) return 'failed';
  return thrown.status === 0 ? 'unreachable' : failureOfStatus(thrown.status);
}

function failureOfStatus(status: number): RingFailure {
  switch (status) {
    case 486:
    case 600:
      return 'busy';
    case 603:
    case 607:
    case 608:
      return 'declined';
    case 401:
    case 403:
    case 407:
    case 433:
      return 'forbidden';
    // 487: it was taken back at the other side, as when Expires has passed.
    case 480:
    case 487:
      return 'no-answer';
    case 404:
    case 408:
    case 410:
    case 430:
    case 484:
    case 604:
      return 'unreachable';
    default:
      return status >= 500 && status < 600 ? 'unreachable' : 'failed';
  }
}

/** Of all phones of a user: what says the most. */
export function mostTelling(failures: Iterable<RingFailure>): RingFailure {
  const all = new Set(failures);
  return telling.find((failure) => all.has(failure)) ?? 'unreachable';
}
