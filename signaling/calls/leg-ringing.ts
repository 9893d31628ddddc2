// Rings one leg: all browsers and phones of a user at once, or a number. Either kind of device may be missing, and phones may
// fail while browsers still ring. Who has lost the connection is waited for, and rung when it is back.

import type { Timer } from '../../core/clock.ts';
import type { BrowserPresence } from './browser-presence.ts';
import type { CallListeners } from './call-news.ts';
import { earlyJoinOf } from './early-join.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import type { AnsweredPhone, RingFailure } from './telephony.ts';

export interface LegRinging {
  /** Time is not up any more. */
  cancel(): void;
  /** A browser of its user has come, at this node. */
  browserCame(sessionId: string): void;
}

/** How often it is looked whether somebody is back, or has come while phones ring, at other nodes. Those of this one say so. */
const lookEveryMs = { away: 1_000, nowhere: 5_000 } as const;

export function ringLeg(call: LiveCall, leg: Leg, ringMs: number): LegRinging {
  const { clock, telephony, browsersOf, knownWithinMs, tell } = call.parts;
  // The caller's own phone is rung first, not its browsers: it is at one of them.
  const hasBrowsers = leg.kind === 'user' && leg !== call.caller;
  const startedAtMs = clock.nowMs();
  const ringsUntilMs = startedAtMs + ringMs;
  /** `undefined`: not known yet. */
  let browsers: BrowserPresence | undefined = hasBrowsers ? undefined : 'nowhere';
  let failure: RingFailure | undefined;
  let isDone = false;

  const settle = () => {
    if (isDone || browsers === undefined || failure === undefined || browsers === 'there') return;
    // Nothing else of it rings, or could have.
    if (browsers === 'away' && failure === 'unreachable') return;
    call.fail(leg, failure);
  };
  const ringBrowsers = (listeners?: CallListeners) => {
    browsers = 'there';
    leg.rungBrowsers = true;
    call.rings(leg);
    tell(leg.identity, { incoming: { call: call.toInfo(), legId: leg.id, ringsUntilMs } }, listeners);
  };
  const look = async () => {
    const found = await browsersOf(leg.identity).catch(() => 'nowhere' as const);
    if (isDone || browsers === 'there') return;
    // Whoever has come to another node just now is not known here yet.
    const isLate = clock.nowMs() < startedAtMs + knownWithinMs;
    browsers = found === 'nowhere' && isLate ? 'away' : found;
    if (found === 'there') ringBrowsers();
    else nextLook = clock.after(isLate ? knownWithinMs : lookEveryMs[found], () => void look());
    settle();
  };
  let nextLook: Timer | undefined;

  const timer = clock.after(ringMs, () => call.fail(leg, leg.rang ? 'no-answer' : (failure ?? 'no-answer')));
  if (hasBrowsers) void look();

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
      early: (phone) => (isDone || isStrangers(leg, phone) ? undefined : earlyJoinOf(call, leg, phone)),
      async answered(phone) {
        if (isDone) return undefined;
        if (!isStrangers(leg, phone)) return call.answerByPhone(leg, phone);
        call.fail(leg, 'forbidden');
        return undefined;
      },
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
      nextLook?.cancel();
    },
    browserCame(sessionId) {
      if (isDone || !hasBrowsers || browsers === undefined) return;
      ringBrowsers(browsers === 'there' ? { only: sessionId } : {});
    },
  };
}

/** A number that speaks for a user, and led to another one's phone: the others would take who is there for that user. */
const isStrangers = ({ ofUser, kind, identity }: Leg, { trunk, number }: AnsweredPhone): boolean =>
  ofUser && kind !== 'user' && trunk === '' && number !== identity;
