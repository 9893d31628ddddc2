// Which sessions are told what of a call.

import type { SessionsOf } from '../people/mentions.ts';
import type { CallListeners, TellCall } from './call-news.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';

/** The sessions of this node. */
export const tellCallHere =
  (sessionsOf: SessionsOf): TellCall =>
  (identity, { incoming, changed, ended }, { only, except } = {}) => {
    for (const session of sessionsOf(identity)) {
      if ((only !== undefined && session.id !== only) || session.id === except) continue;
      if (incoming !== undefined) session.send('callIncoming', incoming);
      if (changed !== undefined) session.send('callChanged', changed);
      if (ended !== undefined) session.send('callEnded', ended);
    }
  };

/** A browser's leg is that of one session; a phone's concerns all, which can hold or hand it on. */
const listenersOf = (leg: Leg): CallListeners => (leg.via === 'client' ? { only: leg.sessionId } : {});

export function tellChanged(call: LiveCall, tell: TellCall): void {
  const changed = { call: call.toInfo() };
  for (const leg of call.legs) {
    // One that is being looked for is told with what it rings by.
    const isThere = leg.isAnswered || (leg.state === 'ringing' && leg.rungBrowsers);
    if (leg.ofUser && isThere) tell(leg.identity, { changed }, listenersOf(leg));
  }
}

export function tellLegOver(call: LiveCall, leg: Leg, tell: TellCall): void {
  // Whoever was not rung has not heard of it.
  if (leg !== call.caller && !leg.rungBrowsers && leg.answeredAtMs === undefined) return;
  tell(leg.identity, { ended: { call: call.toInfo(), reason: leg.endReason } }, listenersOf(leg));
}
