// Names of one life of a room's log.

import { createHash, randomBytes, randomFillSync } from 'node:crypto';

export const createEpoch = (): string => randomBytes(9).toString('base64url');

const secretBytes = 16;
/** Asked for many at a time: each append to Redis brings one, for a partition that has none. */
const pool = Buffer.alloc(256 * secretBytes);
let used = pool.length;

/** 128 random bits of one store. */
export function createSecret(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const from = used;
  used += secretBytes;
  return pool.toString('base64url', from, used);
}

/**
 * The epoch of a room that the store does not have: the same whenever it is asked for, and the one that its first record will
 * have. So opening a room leaves nothing behind. `secret`: of the store, so that no two stores have the same epoch.
 */
export function firstEpoch(secret: string, room: string): string {
  return createHash('sha256').update(secret).update(room).digest('base64url').slice(0, 12);
}
