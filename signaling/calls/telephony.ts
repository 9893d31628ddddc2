// The port by which calls reach phones. Whoever implements it knows registrars, trunks and dialogs; calls know people.

import type { CallLeg } from '../../proto/gen/types.ts';
import type { PhoneJoin } from '../phones/phone-desk.ts';
import type { CallerId, RingTarget } from './ring-target.ts';

export interface Telephony {
  /**
   * Rings. Answers at once and never throws; what happens is told to `told`, never in the same turn: any number of `ringing`,
   * then `answered` or `failed` once, unless it was cancelled before.
   */
  ring(target: RingTarget, request: RingRequest, told: RingHandlers): Ringing;
  /** Numbers and SIP addresses can be rung, and not users alone. */
  readonly canDial: boolean;
}

export interface RingRequest {
  readonly callId: string;
  readonly legId: string;
  readonly from: CallerId;
  /** In whose right it is dialled: the identity that started the call, added this leg or handed the call on. */
  readonly onBehalfOf: string;
  /** The call ends it by itself; a trunk may do so earlier. */
  readonly ringMs: number;
  /** Rings the caller's own phone first: it may be told who will be called then. */
  readonly thenTo?: string | undefined;
}

export interface RingHandlers {
  /** A phone rings (180, 183). */
  ringing(): void;
  /**
   * A phone that rings sends sound (RFC 3960). The answer is what it joins with to be heard before it is answered; undefined: nobody
   * in the call's room is to hear it. PhonePeer.answer tells that it was picked up.
   */
  early(phone: AnsweredPhone): PhoneJoin | undefined;
  /**
   * A phone was picked up. The answer is what it joins with, by PhoneDesk.join; undefined: somebody else was faster or the
   * call is over, and the phone is to be hung up. It comes from another node where the call is there; never rejects.
   */
  answered(phone: AnsweredPhone): Promise<PhoneJoin | undefined>;
  failed(failure: RingFailure): void;
}

export interface AnsweredPhone {
  /** Whose it is where it is a phone of this server; its number where a trunk dialled it. */
  readonly number: string;
  readonly name: string;
  /** Empty: a phone of this server. */
  readonly trunk: string;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** Why nobody answered. The best one of several phones: one that is busy says more than one that is not there. */
export type RingFailure = Extract<
  CallLeg['endReason'],
  'busy' | 'declined' | 'no-answer' | 'unreachable' | 'forbidden' | 'failed'
>;

/** Why it rings no more. `answered-elsewhere`: phones show no missed call (RFC 3326, `SIP;cause=200`). */
export type RingEnd = 'answered-elsewhere' | 'canceled' | 'no-answer' | 'declined';

export interface Ringing {
  /** Once it was answered or has failed, nothing. Idempotent. */
  cancel(reason: RingEnd): void;
}

/** Nobody can be rung by phone. */
export const noTelephony: Telephony = {
  canDial: false,
  ring(_target, _request, told) {
    let isCanceled = false;
    queueMicrotask(() => {
      if (!isCanceled) told.failed('unreachable');
    });
    return {
      cancel() {
        isCanceled = true;
      },
    };
  },
};
