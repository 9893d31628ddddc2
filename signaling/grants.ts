// What the grants of a token come to in one room.

import { AppError } from '../core/errors.ts';
import type { TrackSource } from '../media/media.ts';
import { type GrantName, grantNames, type RoomGrant } from './token-verifier.ts';

export type Grants = ReadonlySet<GrantName>;

/** Every peer has some, and there are few different ones, 4,096 at most: each is made once. By the places in `grantNames`. */
const made = new Map<number, Grants>();

/** The union of all grants whose room is this one, or a prefix of it with `*` behind. */
export function grantsIn(room: string, roomGrants: readonly RoomGrant[]): Grants {
  let bits = 0;
  for (const { room: pattern, can } of roomGrants) if (covers(pattern, room)) bits |= bitsOf(can);
  return grantsOf(bits);
}

/** The union of both. */
export function withGrants(grants: Grants, more: Iterable<GrantName>): Grants {
  return grantsOf(bitsOf(grants) | bitsOf(more));
}

function bitsOf(can: Iterable<GrantName>): number {
  let bits = 0;
  for (const grant of can) bits |= 1 << grantNames.indexOf(grant);
  return bits;
}

function grantsOf(bits: number): Grants {
  let grants = made.get(bits);
  if (grants === undefined) {
    grants = new Set(grantNames.filter((_, index) => (bits & (1 << index)) !== 0));
    made.set(bits, grants);
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
