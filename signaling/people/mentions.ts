// Tells people of messages that are meant for them, in rooms that they may join but are not in.

import { EventMessage } from '../../core/event-message.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import { type Facts, partiesOf } from '../room-facts.ts';
import type { Session } from '../session.ts';
import { mayEnter } from './entry-rules.ts';

/** Of one message; the contract allows no more either. */
const maxTold = 50;

export type SessionsOf = (identity: string) => Iterable<Session>;

/** In a direct conversation every message is meant for the other one. */
export function tellMentioned(
  record: LogRecord,
  where: { room: string; facts: Facts; nowMs: number; sessionsOf: SessionsOf },
): void {
  const { room, facts, nowMs, sessionsOf } = where;
  const mentions = record.message?.mentions ?? [];
  const parties = partiesOf(facts) ?? [];
  if (mentions.length === 0 && parties.length === 0) return;
  const meantFor = new Set([...parties, ...mentions].slice(0, maxTold));
  meantFor.delete(record.identity);
  const event = new EventMessage('mentioned', { room, record });
  for (const identity of meantFor) {
    if (!mayEnter(room, facts, identity, nowMs)) continue;
    for (const session of sessionsOf(identity)) {
      if (session.isIn(room)) continue;
      // It shows what was said before they come.
      const grants = session.grantsIn(room);
      if (grants.has('join') && grants.has('history')) session.sendMessage(event);
    }
  }
}
