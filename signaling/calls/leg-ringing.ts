// Rings one leg: all browsers and phones of a user at once, or a number. Either kind of device may be missing, and phones may
// fail while browsers still ring.

import { earlyJoinOf } from './early-join.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import type { RingFailure } from './telephony.ts';

export interface LegRinging {
  /** Time is not up any more. */
  cancel(): void;
}

export function ringLeg(call: LiveCall, leg: Leg, ringMs: number): LegRinging {
  const { clock, telephony, hasBrowsers, tell } = call.parts;
  const isUser = leg.kind === 'user';
  /** `undefined`: not known yet. */
  let browsers: boolean | undefined = isUser ? undefined : false;
  let failure: RingFailure | undefined;
  let isDone = false;

  const settle = () => {
    if (isDone || browsers === undefined || failure === undefined || browsers) return;
    call.fail(leg, failure);
  };

  const timer = clock.after(ringMs, () => call.fail(leg, leg.rang ? 'no-answer' : (failure ?? 'no-answer')));
  // The caller's own phone is rung first, not its browsers: it is at one of them.
  if (isUser && leg === call.caller) browsers = false;
  else if (isUser) {
    const ringsUntilMs = clock.nowMs() + ringMs;
    hasBrowsers(leg.identity).then(
      (are) => {
        browsers = are;
        if (isDone) return;
        if (are) {
          leg.rungBrowsers = true;
          call.rings(leg);
          tell(leg.identity, { incoming: { call: call.toInfo(), legId: leg.id, ringsUntilMs } });
        }
        settle();
      },
      () => {
        browsers = false;
        settle();
      },
    );
  }

  const { caller } = call;
  leg.ringing = telephony().ring(
    leg.target,
    {
      callId: call.id,
      legId: leg.id,
      from: {
        ...(caller?.kind === 'user' && { identity: caller.identity }),
        name: caller?.name ?? '',
        number: caller?.number ?? '',
      },
      onBehalfOf: leg.askedBy || call.parts.startedBy,
      ringMs,
    },
    {
      ringing() {
        if (!isDone) call.rings(leg);
      },
      early: (phone) => (isDone ? undefined : earlyJoinOf(call, leg, phone)),
      answered: async (phone) => (isDone ? undefined : call.answerByPhone(leg, phone)),
      failed(reason) {
        if (isDone) return;
        failure = reason;
        // A person said no: that holds for all devices. A phone that is busy or gone says nothing of the browsers.
        if (reason === 'declined') call.fail(leg, reason);
        else settle();
      },
    },
  );

  return {
    cancel() {
      isDone = true;
      timer.cancel();
    },
  };
}
