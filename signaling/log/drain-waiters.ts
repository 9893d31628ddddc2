// The rooms that one connection follows wait for the same thing.

import type { ClientLink } from '../client-link.ts';

const waiters = new WeakMap<ClientLink, Set<() => void>>();

/** Calls back once, when the link takes records again. Each callback is kept once. */
export function whenDrained(link: ClientLink, callback: () => void): void {
  const known = waiters.get(link);
  if (known !== undefined) {
    known.add(callback);
    return;
  }
  const waiting = new Set([callback]);
  waiters.set(link, waiting);
  link.onDrained = () => {
    const due = [...waiting];
    waiting.clear();
    for (const one of due) one();
  };
}
