// The list of somebody's direct conversations, as facts of a log.

import type { RoomId } from '../../core/ids.ts';
import type { Facts } from '../room-facts.ts';

/** Beyond it the one that was opened longest ago is not listed any more; its room stays. */
const maxListed = 1_000;

export interface ListedDirect {
  readonly room: RoomId;
  /** The other person. */
  readonly identity: string;
}

const prefix = 'peer:';
export const inboxKey = (room: RoomId): string => `${prefix}${room}`;

export function listedIn(facts: Facts): ListedDirect[] {
  return entriesOf(facts).map(({ key, identity }) => ({ room: key.slice(prefix.length) as RoomId, identity }));
}

/** The facts that make space for one more. */
export function dropOldest(facts: Facts): Record<string, null> {
  const entries = entriesOf(facts);
  const spare = entries.length - (maxListed - 1);
  if (spare <= 0) return {};
  const oldest = entries.sort((one, other) => one.atMs - other.atMs).slice(0, spare);
  return Object.fromEntries(oldest.map(({ key }) => [key, null]));
}

function entriesOf(facts: Facts): { key: string; identity: string; atMs: number }[] {
  return [...facts]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => ({ key, ...(JSON.parse(value) as { identity: string; atMs: number }) }));
}
