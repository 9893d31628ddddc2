// Rooms whose names mean something: the direct conversation of two people, and the list that each of them has of those.

import { createHash } from 'node:crypto';
import type { RoomId } from '../../core/ids.ts';

const directPrefix = 'dm:';
const inboxPrefix = 'inbox:';

/** The same for both, whoever asks. */
export function directRoomOf(one: string, other: string): RoomId {
  return `${directPrefix}${shortHash(partiesInOrder(one, other))}` as RoomId;
}

export const partiesInOrder = (one: string, other: string): string => JSON.stringify([one, other].sort());

/** Where somebody's direct conversations are listed. Nobody can join it. */
export const inboxOf = (identity: string): RoomId => `${inboxPrefix}${shortHash(JSON.stringify([identity]))}` as RoomId;

export const isDirect = (room: string): boolean => room.startsWith(directPrefix);
export const isInbox = (room: string): boolean => room.startsWith(inboxPrefix);

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
