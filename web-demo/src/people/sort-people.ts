import type { Person } from '../state/roster.ts';

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** Oneself first, then by name as a reader expects it. */
export function sortPeople(people: readonly Person[]): Person[] {
  return [...people].sort(
    (a, b) => Number(b.self) - Number(a.self) || collator.compare(a.name, b.name) || (a.peerId < b.peerId ? -1 : 1),
  );
}
