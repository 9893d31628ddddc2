import type { RoomLog } from '../../cluster/room-log.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Unread } from '../../proto/gen/types.ts';
import { toStoreProblem } from './store-problem.ts';

/** Counting ends there. */
export const maxUnread = 1_000;

export const nothingUnread: Unread = { deliveredSeq: 0, readSeq: 0, messages: 0, mentions: 0 };

/**
 * What somebody has not read in each of the rooms. `known`: how far it is at least, as a marker that has just moved may not
 * be in the store yet. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection.
 */
export async function loadUnread(
  roomLog: RoomLog,
  rooms: readonly RoomId[],
  identity: string,
  known: readonly Unread[] = [],
): Promise<Unread[]> {
  try {
    const marks = await Promise.all(rooms.map((room) => roomLog.watermarks(room, identity)));
    const places = marks.map(([mark], index) => {
      const { deliveredSeq, readSeq } = known[index] ?? nothingUnread;
      return {
        deliveredSeq: Math.max(mark?.delivered ?? 0, deliveredSeq),
        readSeq: Math.max(mark?.read ?? 0, readSeq),
      };
    });
    const counted = await roomLog.count(
      rooms.map((room, index) => ({ room, after: places[index]?.readSeq ?? 0, identity, limit: maxUnread })),
    );
    return rooms.map((_, index) => toUnread({ ...nothingUnread, ...places[index], ...counted[index] }));
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}

/** Every peer keeps one, and most have nothing to read: those share it. */
function toUnread(unread: Unread): Unread {
  const { deliveredSeq, readSeq, messages, mentions } = unread;
  return deliveredSeq + readSeq + messages + mentions === 0 ? nothingUnread : unread;
}
