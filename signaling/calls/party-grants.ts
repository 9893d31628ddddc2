// Whoever has a leg of a call may be in its room, whatever its token says: that stands in the room's log, so that it holds on
// every node. Where the room is the call's own, what was said there may be read later, and no more than that: without a call nobody
// would see, count or record that people meet there.

import { type Grants, withGrants } from '../grants.ts';
import type { Facts } from '../room-facts.ts';
import type { GrantName } from '../token-verifier.ts';

const prefix = 'party:';
const readerPrefix = 'reader:';
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

/** Records are read by who is in the room. */
const ofReaders: readonly GrantName[] = ['join', 'history'];

/** The room that a call has where it is held in no other. */
export const callRoomOf = (callId: string): string => `${roomPrefix}${callId}`;

export const isCallRoom = (room: string): boolean => room.startsWith(roomPrefix);

/** Each call has invitations of its own: of several in a room, on whatever nodes, one may end before the others. */
export function withParties(callId: string, identities: Iterable<string>): Record<string, string> {
  return Object.fromEntries([...identities].map((identity) => [partyKey(callId, identity), '1']));
}

export function withoutParties(callId: string, identities: Iterable<string>): Record<string, null> {
  return Object.fromEntries([...identities].map((identity) => [partyKey(callId, identity), null]));
}

/** Who was in the call that the room was made for. */
export function withReaders(identities: Iterable<string>): Record<string, string> {
  return Object.fromEntries([...identities].map((identity) => [readerPrefix + identity, '1']));
}

/** In the facts of a room: calls of this life are held there, which is to hear who comes and goes. */
export const callsAtKey = (life: string): string => `calls-at:${life}`;

/** What somebody may do in a room whose log has these facts. */
export function grantsOfParty(granted: Grants, facts: Facts, identity: string): Grants {
  const grants = grantsInCall(granted, facts, identity);
  return facts.has(readerPrefix + identity) ? withGrants(grants, ofReaders) : grants;
}

/** By calls that go on. */
export function grantsInCall(granted: Grants, facts: Facts, identity: string): Grants {
  return isParty(facts, identity) ? withGrants(granted, ofParties) : granted;
}

const partyKey = (callId: string, identity: string): string => `${prefix}${identity}:${callId}`;

function isParty(facts: Facts, identity: string): boolean {
  const start = partyKey('', identity);
  // The id of a call has no colon, as an identity may have.
  for (const key of facts.keys()) if (key.startsWith(start) && !key.includes(':', start.length)) return true;
  return false;
}
