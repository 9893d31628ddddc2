// Phones that dialled into a room where they are in no call: what is left of each is a record in the room's log.

import type { CallLeg, CallStep, LegQuality, PhoneInfo } from '../../proto/gen/types.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Facts } from '../room-facts.ts';
import type { EndReason } from './leg.ts';

/** One that is there. */
export interface Visit {
  readonly peerId: string;
  readonly room: string;
  readonly identity: string;
  readonly name: string;
  readonly number: string;
  /** Empty: a phone of this server. */
  readonly trunk: string;
  readonly startedAtMs: number;
}

/** How it was. */
export interface VisitEnd {
  readonly endedAtMs: number;
  readonly endReason: EndReason;
  readonly phone?: Pick<PhoneInfo, 'codec' | 'encrypted' | 'held' | 'muted'> | undefined;
  readonly quality?: LegQuality | undefined;
}

interface KeptVisit extends Visit {
  readonly life: string;
}

const prefix = 'visit:';

export const openVisitFact = (visit: Visit, life: string): Record<string, string> => ({
  [prefix + visit.peerId]: JSON.stringify({ ...visit, life }),
});

export const overVisitFact = ({ peerId }: Pick<Visit, 'peerId'>): Record<string, null> => ({ [prefix + peerId]: null });

export function openVisitsIn(facts: Facts): KeptVisit[] {
  return [...facts].flatMap(([key, value]) => (key.startsWith(prefix) ? [JSON.parse(value) as KeptVisit] : []));
}

/** The same, whoever writes it: written by two, it is there once. */
export function visitedEntry(visit: Visit, end: VisitEnd): LogEntry {
  const { peerId, room, identity, name, startedAtMs } = visit;
  const leg = legOf(visit, end);
  const call: CallStep = {
    callId: '',
    step: 'visited',
    leg,
    legs: [],
    durationMs: Math.max(end.endedAtMs - startedAtMs, 0),
    reason: end.endReason,
    room,
    startedAtMs,
    subject: '',
  };
  return { kind: 'call', author: { identity, name }, clientId: `visited:${peerId}`, content: { call } };
}

function legOf({ peerId, identity, name, number, trunk, startedAtMs }: Visit, end: VisitEnd): CallLeg {
  const { endedAtMs, endReason, phone, quality } = end;
  const { codec = '', encrypted = false, held = false, muted = false } = phone ?? {};
  return {
    legId: peerId,
    // What comes by no trunk is a phone of a user.
    kind: trunk === '' ? 'user' : 'number',
    identity,
    name,
    number: trunk === '' ? '' : number,
    state: 'ended',
    via: 'phone',
    peerId: '',
    held,
    heldBy: '',
    muted,
    answeredAtMs: startedAtMs,
    endedAtMs,
    endReason,
    codec,
    encrypted,
    ...(quality && { quality }),
  };
}
