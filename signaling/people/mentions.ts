// Tells people of messages that are meant for them, in rooms that they may join but are not in.

import { EventMessage } from '../../core/event-message.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { TellUsers, UserEvent } from '../cluster/user-messages.ts';
import { type Facts, partiesOf } from '../room-facts.ts';
import type { Session } from '../session.ts';
import { mayEnter } from './entry-rules.ts';

/** Of one message; the contract allows no more either. */
const maxTold = 50;

export type SessionsOf = (identity: string) => Iterable<Session>;

/** In a direct conversation every message is meant for the other one. */
export function tellMentioned(
  record: LogRecord,
  where: { room: string; facts: Facts; nowMs: number; tellUsers: TellUsers },
): void {
  const { room, facts, nowMs, tellUsers } = where;
  const mentions = record.message?.mentions ?? [];
  const parties = partiesOf(facts) ?? [];
  if (mentions.length === 0 && parties.length === 0) return;
  const meantFor = new Set([...parties, ...mentions].slice(0, maxTold));
  meantFor.delete(record.identity);
  const told = [...meantFor].filter((identity) => mayEnter(room, facts, identity, nowMs));
  if (told.length > 0) tellUsers(told, { mentioned: { room, record } });
}

/** The sessions of this node. */
export function tellSessions(
  sessionsOf: SessionsOf,
  identities: readonly string[],
  { mentioned, directOpened }: Pick<UserEvent, 'mentioned' | 'directOpened'>,
): void {
  const event = mentioned && new EventMessage('mentioned', mentioned);
  for (const identity of identities) {
    for (const session of sessionsOf(identity)) {
      if (directOpened !== undefined) session.send('directOpened', directOpened);
      if (event === undefined || session.isIn(event.payload.room)) continue;
      // It shows what was said before they come.
      const grants = session.grantsIn(event.payload.room);
      if (grants.has('join') && grants.has('history')) session.sendMessage(event);
    }
  }
}
