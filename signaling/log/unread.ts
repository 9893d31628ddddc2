import type { RoomLog } from '../../cluster/room-log.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Unread } from '../../proto/gen/types.ts';
import { toStoreProblem } from './store-problem.ts';

/** Counting ends there. */
export const maxUnread = 1_000;

export const nothingUnread: Unread = { deliveredSeq: 0, readSeq: 0, messages: 0, mentions: 0 };

export interface Reader {
  readonly room: RoomId;
  readonly identity: string;
  /** How far it is at least, as a marker that has just moved may not be in the store yet. */
  readonly known?: Unread;
}

/**
 * What each of the readers has not read, in their order.
 * @throws {AppError} STORE_UNAVAILABLE and its like, by rejection.
 */
export async function loadUnread(
  roomLog: Pick<RoomLog, 'watermarksOf' | 'count'>,
  readers: readonly Reader[],
): Promise<Unread[]> {
  if (readers.length === 0) return [];
  try {
    const marks = await roomLog.watermarksOf(readers.map(({ room, identity }) => ({ room, identity })));
    const places = readers.map(({ known = nothingUnread }, index) => ({
      deliveredSeq: Math.max(marks[index]?.delivered ?? 0, known.deliveredSeq),
      readSeq: Math.max(marks[index]?.read ?? 0, known.readSeq),
    }));
    const counted = await roomLog.count(
      readers.map(({ room, identity }, index) => ({
        room,
        after: places[index]?.readSeq ?? 0,
        identity,
        limit: maxUnread,
      })),
    );
    return places.map((place, index) => toUnread({ ...nothingUnread, ...place, ...counted[index] }));
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

/** Every peer keeps one, and most have nothing to read: those share it. */
function toUnread(unread: Unread): Unread {
  const { deliveredSeq, readSeq, messages, mentions } = unread;
  return deliveredSeq + readSeq + messages + mentions === 0 ? nothingUnread : unread;
}
