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
  const { roomLog, room } = timeline;
  const counted = countInMemory(timeline, identity, readSeq);
  if (counted !== undefined) return counted;
  try {
    const [counted] = await roomLog.count([{ room, after: readSeq, identity, limit: maxUnread }]);
    return counted ?? { messages: 0, mentions: 0 };
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

/** The same up to the head of this moment, or undefined where not all of it is in memory. */
export function countInMemory({ ring, head }: Timeline, identity: string, readSeq: number): Counted | undefined {
  if (readSeq >= head.seq) return { messages: 0, mentions: 0 };
  return ring.covers(readSeq) ? countIn(ring.after(readSeq, everything).records, identity) : undefined;
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
