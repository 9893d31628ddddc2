import type { LogRecord } from '../../proto/gen/types.ts';
import { toStoreProblem } from './store-problem.ts';
import { toLogRecord } from './stored-payload.ts';
import type { Timeline } from './timeline.ts';

/** A message by its id, at once where it is in memory. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
export function findMessage(
  timeline: Timeline,
  messageId: string,
): LogRecord | undefined | Promise<LogRecord | undefined> {
  const held = timeline.ring.find(messageId);
  if (held !== undefined) return held.kind === 'message' ? held : undefined;
  return findInStore(timeline, messageId);
}

/** It is the first of its thread: what answers it came later. */
async function findInStore(timeline: Timeline, messageId: string): Promise<LogRecord | undefined> {
  const { room, roomLog } = timeline;
  try {
    const [page] = await roomLog.read([{ room, from: { after: 0 }, maxRecords: 1, maxBytes: 1, threadId: messageId }]);
    const stored = page?.records[0];
    return stored?.messageId === messageId && stored.kind === 'message' ? toLogRecord(stored) : undefined;
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}
