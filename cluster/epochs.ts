// Names of one life of a room's log.

import { createHash, randomBytes } from 'node:crypto';

export const createEpoch = (): string => randomBytes(9).toString('base64url');

/** 128 random bits of one store. */
export const createSecret = (): string => randomBytes(16).toString('base64url');

/**
 * The epoch of a room that the store does not have: the same whenever it is asked for, and the one that its first record will
 * have. So opening a room leaves nothing behind. `secret`: of the store, so that no two stores have the same epoch.
 */
export function firstEpoch(secret: string, room: string): string {
  return createHash('sha256').update(secret).update(room).digest('base64url').slice(0, 12);
}
