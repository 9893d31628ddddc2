import type { RoomLog } from '../../cluster/room-log.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Unread } from '../../proto/gen/types.ts';
import { toStoreProblem } from './store-problem.ts';

/** Counting ends there. */
export const maxUnread = 1_000;

export const nothingUnread: Unread = { deliveredSeq: 0, readSeq: 0, messages: 0, mentions: 0 };

/** What somebody has not read in each of the rooms. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
export async function loadUnread(roomLog: RoomLog, rooms: readonly RoomId[], identity: string): Promise<Unread[]> {
  try {
    const marks = await Promise.all(rooms.map((room) => roomLog.watermarks(room, identity)));
    const places = marks.map(([mark]) => ({ deliveredSeq: mark?.delivered ?? 0, readSeq: mark?.read ?? 0 }));
    const counted = await roomLog.count(
      rooms.map((room, index) => ({ room, after: places[index]?.readSeq ?? 0, identity, limit: maxUnread })),
    );
    return rooms.map((_, index) => ({ ...nothingUnread, ...places[index], ...counted[index] }));
  } catch (thrown) {
    throw toStoreProblem(thrown);
  }
}
