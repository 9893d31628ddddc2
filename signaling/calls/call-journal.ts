// Which calls go on, in a log of the server's own for each node: of those that a process left behind when it died, somebody else
// writes the end.

import type { Life } from '../../cluster/directory.ts';
import type { CallLeg } from '../../proto/gen/types.ts';
import type { Facts } from '../room-facts.ts';
import type { LiveCall } from './live-call.ts';

interface KeptLeg extends Pick<CallLeg, 'legId' | 'kind' | 'identity' | 'name' | 'number' | 'answeredAtMs'> {
  /** A number that speaks for a user. */
  readonly ofUser?: boolean | undefined;
}

/** What is kept of a call that goes on. */
export interface JournalEntry {
  readonly callId: string;
  readonly life: Life;
  readonly room: string;
  readonly ownsRoom: boolean;
  readonly startedAtMs: number;
  readonly subject: string;
  readonly wasAnswered: boolean;
  /** The caller first. */
  readonly legs: readonly KeptLeg[];
}

const prefix = 'open:';

export function openFact(call: LiveCall, life: Life): Record<string, string> {
  const entry: JournalEntry = {
    callId: call.id,
    life,
    room: call.room,
    ownsRoom: call.parts.ownsRoom,
    startedAtMs: call.startedAtMs,
    subject: call.parts.subject,
    wasAnswered: call.answeredAtMs !== undefined,
    legs: call.legs.map(({ id: legId, kind, identity, name, number, answeredAtMs, ofUser }) => ({
      legId,
      kind,
      identity,
      name,
      number,
      ...(answeredAtMs !== undefined && { answeredAtMs }),
      ...(ofUser && kind !== 'user' && { ofUser }),
    })),
  };
  return { [prefix + call.id]: JSON.stringify(entry) };
}

export const overFact = (callId: string): Record<string, null> => ({ [prefix + callId]: null });

export function openCallsIn(facts: Facts): JournalEntry[] {
  return [...facts].flatMap(([key, value]) => (key.startsWith(prefix) ? [JSON.parse(value) as JournalEntry] : []));
}

/** As they were when their node died. */
export function legsLeftBehind({ legs }: JournalEntry, endedAtMs: number): CallLeg[] {
  return legs.map(({ ofUser: _, ...leg }) => ({
    ...leg,
    state: 'ended',
    via: '',
    peerId: '',
    held: false,
    heldBy: '',
    muted: false,
    endReason: 'node-lost',
    codec: '',
    encrypted: false,
    endedAtMs,
  }));
}

/** A life begins with the name of its node. */
export const nodeOf = (life: Life): string => life.slice(0, life.lastIndexOf('~'));
