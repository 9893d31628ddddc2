// What the grants of a token come to in one room.

import { AppError } from '../core/errors.ts';
import type { TrackSource } from '../media/media.ts';
import type { GrantName, RoomGrant } from './token-verifier.ts';

export type Grants = ReadonlySet<GrantName>;

/** The union of all grants whose room is this one, or a prefix of it with `*` behind. */
export function grantsIn(room: string, roomGrants: readonly RoomGrant[]): Grants {
  const grants = new Set<GrantName>();
  for (const { room: pattern, can } of roomGrants) {
    if (!covers(pattern, room)) continue;
    for (const grant of can) grants.add(grant);
  }
  return grants;
}

/** @throws {AppError} GRANT_MISSING */
export function requireGrant(grants: Grants, grant: GrantName): void {
  if (!grants.has(grant)) throw new AppError('GRANT_MISSING', { grant });
}

/** What a peer needs to send a track. */
export function publishGrantOf(source: TrackSource): GrantName {
  switch (source) {
    case 'microphone':
      return 'publish:audio';
    case 'camera':
      return 'publish:video';
    case 'screen':
    case 'screen-audio':
      return 'publish:screen';
  }
}

function covers(pattern: string, room: string): boolean {
  return pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : pattern === room;
}
