import { randomUUID } from 'node:crypto';

/**
 * A tag of a From or To: 58 random bits (RFC 3261 section 19.3 wants 32). Unlike `randomBytes`, which asks the system each time, these come
 * from a store that is filled ahead.
 */
export function createTag(): string {
  return randomUUID().slice(-17).replace('-', '');
}
