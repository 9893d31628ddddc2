import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { eventually } from './eventually.ts';

/** Sockets and programs that this process holds, by kind. */
function held(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/UDP|TCP|TLS|Process/i.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

export interface SocketCheck {
  /** @throws {Error} when there are more of any kind than when the check began. */
  nothingLeft(): Promise<void>;
}

export function checkSockets(withinMs = 10_000): SocketCheck {
  const before = held();
  const left = () => [...held()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
  return {
    async nothingLeft() {
      await eventually(() => left().length === 0, 'no socket to be left', withinMs).catch((error: unknown) => {
        throw new Error(`left: ${JSON.stringify(Object.fromEntries(left()))}`, { cause: error });
      });
    },
  };
}

/** For a file of tests: after each of them, or of those that run at once after all, no socket and no program is left. */
export function leavesNoSocket({ after }: { readonly after: 'each' | 'all' }): void {
  let check: SocketCheck | undefined;
  const begin = () => {
    check = checkSockets();
  };
  const end = () => check?.nothingLeft();
  if (after === 'each') {
    beforeEach(begin);
    afterEach(end);
  } else {
    beforeAll(begin);
    afterAll(end);
  }
}
