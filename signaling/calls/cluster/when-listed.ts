import type { Clock } from '../../../core/clock.ts';

/** A store that takes longer holds up the news no longer. */
const withinMs = 2_000;

/** Whoever is told that a call is over looks for it in the list, by a node that does not know what is being written. */
export function whenListed(written: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(withinMs, resolve);
    const done = () => {
      timer.cancel();
      resolve();
    };
    written.then(done, done);
  });
}
