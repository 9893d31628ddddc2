// Who may be in which room, besides what the token grants.

import { AppError } from '../../core/errors.ts';
import { type Facts, holdOn, partiesOf } from '../room-facts.ts';
import { isDirect, isInbox } from './room-names.ts';

/** Before anything of the room is loaded. @throws {AppError} BAD_REQUEST */
export function requireRoomForPeople(room: string): void {
  if (isInbox(room)) throw new AppError('BAD_REQUEST', { field: 'room', problem: 'is a name that the server uses' });
}

/** @throws {AppError} IDENTITY_REMOVED, ROOM_NOT_FOUND, NOT_A_PARTICIPANT */
export function requireMayEnter(room: string, facts: Facts, identity: string, nowMs: number): void {
  requireRoomForPeople(room);
  if (isDirect(room)) {
    const parties = partiesOf(facts);
    if (parties === undefined) throw new AppError('ROOM_NOT_FOUND', { room });
    if (!parties.includes(identity)) throw new AppError('NOT_A_PARTICIPANT', { room });
  }
  if (holdOn(facts, 'ban', identity, nowMs) !== undefined) throw new AppError('IDENTITY_REMOVED', { room });
}

export function mayEnter(room: string, facts: Facts, identity: string, nowMs: number): boolean {
  if (isInbox(room)) return false;
  if (isDirect(room) && !(partiesOf(facts)?.includes(identity) ?? false)) return false;
  return holdOn(facts, 'ban', identity, nowMs) === undefined;
}
