// Whoever has a leg of a call may be in its room, whatever its token says: that stands in the room's log, so that it holds on
// every node and, where the room is the call's own, for reading what was said there later.

import { type Grants, withGrants } from '../grants.ts';
import type { Facts } from '../room-facts.ts';
import type { GrantName } from '../token-verifier.ts';

const prefix = 'party:';
const roomPrefix = 'call-';

const ofParties: readonly GrantName[] = [
  'join',
  'publish:audio',
  'publish:video',
  'publish:screen',
  'subscribe',
  'chat',
  'history',
];

/** The room that a call has where it is held in no other. */
export const callRoomOf = (callId: string): string => `${roomPrefix}${callId}`;

export const isCallRoom = (room: string): boolean => room.startsWith(roomPrefix);

export function withParties(identities: Iterable<string>): Record<string, string> {
  return Object.fromEntries([...identities].map((identity) => [prefix + identity, '1']));
}

export function withoutParties(identities: Iterable<string>): Record<string, null> {
  return Object.fromEntries([...identities].map((identity) => [prefix + identity, null]));
}

/** In the facts of a room: calls of this life are held there, which is to hear who comes and goes. */
export const callsAtKey = (life: string): string => `calls-at:${life}`;

/** What somebody may do in a room whose log has these facts. */
export function grantsOfParty(granted: Grants, facts: Facts, identity: string): Grants {
  return facts.has(prefix + identity) ? withGrants(granted, ofParties) : granted;
}
