// Rooms whose names mean something: the direct conversation of two people, and the lists that each of them has of those and of
// its calls.

import { createHash } from 'node:crypto';
import type { RoomId } from '../../core/ids.ts';

const directPrefix = 'dm:';
const inboxPrefix = 'inbox:';
const callsPrefix = 'calls:';

/** The same for both, whoever asks. */
export function directRoomOf(one: string, other: string): RoomId {
  return `${directPrefix}${shortHash(partiesInOrder(one, other))}` as RoomId;
}

export const partiesInOrder = (one: string, other: string): string => JSON.stringify([one, other].sort());

/** Where somebody's direct conversations are listed. Nobody can join it. */
export const inboxOf = (identity: string): RoomId => `${inboxPrefix}${shortHash(JSON.stringify([identity]))}` as RoomId;

/** Where somebody's calls are listed. Nobody can join it. */
export const callsOf = (identity: string): RoomId => `${callsPrefix}${shortHash(JSON.stringify([identity]))}` as RoomId;

/** Where the calls are kept that go on at a node. Nobody can join it. */
export const journalOf = (node: string): RoomId => `${callsPrefix}at:${shortHash(node)}` as RoomId;

export const isDirect = (room: string): boolean => room.startsWith(directPrefix);
/** A list of the server's own. */
export const isInbox = (room: string): boolean => room.startsWith(inboxPrefix) || room.startsWith(callsPrefix);

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
