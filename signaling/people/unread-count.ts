import type { LogRecord, Unread } from '../../proto/gen/types.ts';
import { toStoreProblem } from '../log/store-problem.ts';
import type { Timeline } from '../log/timeline.ts';
import { maxUnread } from '../log/unread.ts';

type Counted = Pick<Unread, 'messages' | 'mentions'>;

/**
 * What somebody who has read up to `readSeq` has not read. From memory where what follows is there.
 * @throws {AppError} STORE_UNAVAILABLE and its like, by rejection.
 */
export async function countUnread(timeline: Timeline, identity: string, readSeq: number): Promise<Counted> {
  const { ring, roomLog, room, head } = timeline;
  if (readSeq >= head.seq) return { messages: 0, mentions: 0 };
  if (ring.covers(readSeq)) return countIn(ring.after(readSeq, everything).records, identity);
  try {
    const [counted] = await roomLog.count([{ room, after: readSeq, identity, limit: maxUnread }]);
    return counted ?? { messages: 0, mentions: 0 };
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

const everything = { maxRecords: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

function countIn(records: readonly LogRecord[], reader: string): Counted {
  let messages = 0;
  let mentions = 0;
  for (const { message, identity } of records) {
    if (message === undefined || message.deletedBy !== undefined || identity === reader) continue;
    messages += 1;
    if (message.mentions.includes(reader)) mentions += 1;
  }
  return { messages, mentions };
}
