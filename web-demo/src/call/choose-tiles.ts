// Who gets a tile when there are more people than tiles.

import type { Person } from '../state/roster.ts';

/** More would be too small to see, and too much to decode. */
export const tilesAtMost = 49;

export interface Chosen {
  readonly shown: readonly Person[];
  readonly hidden: number;
}

/**
 * People in their order, oneself last. Beyond `limit` those who came last wait, except whoever speaks:
 * that one takes the place of the last of the others, so that nobody else moves.
 */
export function chooseTiles(people: readonly Person[], activeSpeaker: string | undefined, limit: number): Chosen {
  const candidates = people.filter((person) => !person.chatOnly);
  if (candidates.length <= limit) return { shown: candidates, hidden: 0 };
  const self = candidates.filter((person) => person.self).slice(0, limit > 1 ? 1 : 0);
  const others = candidates.filter((person) => !person.self);
  const places = limit - self.length;
  const first = others.slice(0, places);
  const speaker = others.slice(places).find((person) => person.peerId === activeSpeaker);
  const shown = [...(speaker === undefined ? first : [...first.slice(0, -1), speaker]), ...self];
  return { shown, hidden: candidates.length - shown.length };
}
