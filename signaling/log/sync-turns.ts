// One sync of a session at a time: each may hold pages of many rooms until its answer is written.

import { AppError } from '../../core/errors.ts';

/** Of one session. Clients ask once for all their rooms, or once for each. */
export const maxWaitingSyncs = 20;
const retryAfterMs = 250;

interface Line {
  last: Promise<unknown>;
  length: number;
}

const lines = new WeakMap<object, Line>();

/** @throws {AppError} RATE_LIMITED when too many wait already, by rejection. */
export async function inSyncTurn<Answer>(session: object, work: () => Promise<Answer>): Promise<Answer> {
  const line = lines.get(session) ?? { last: Promise.resolve(), length: 0 };
  lines.set(session, line);
  if (line.length > maxWaitingSyncs)
    throw new AppError('RATE_LIMITED', { what: 'calls of log.sync' }, { retryAfterMs });
  line.length += 1;
  const turn = line.length === 1 ? work() : line.last.then(work);
  // Whoever comes next waits for the end, however it ends.
  line.last = turn.catch(() => {});
  try {
    return await turn;
  } finally {
    line.length -= 1;
  }
}
