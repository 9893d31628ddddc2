import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { RoomCursor, RoomSync } from '../../proto/gen/types.ts';
import type { CallContext } from '../call.ts';
import { requireGrant } from '../grants.ts';
import { readPage, searchLog } from '../log/log-pages.ts';
import { SyncBudget, syncRoom, toRefused } from '../log/log-sync.ts';
import { inSyncTurn } from '../log/sync-turns.ts';
import type { Timeline } from '../log/timeline.ts';
import type { Session } from '../session.ts';

export const logHandlers: AreaHandlers<'log', CallContext> = {
  async sync({ rooms }, { session, signal }) {
    requireDistinct(rooms);
    return await inSyncTurn(session, async () => {
      const budget = new SyncBudget();
      const answers: RoomSync[] = [];
      for (const { room, cursor } of rooms) {
        signal.throwIfAborted();
        answers.push(await answerTo(session, { room, cursor }, budget));
      }
      return { rooms: answers };
    });
  },

  read: (request, { peer }) => readPage(peer.room.timeline, request),

  search: (request, { peer }) => searchLog(peer.room.timeline, request),
};

/** @throws {AppError} BAD_REQUEST */
function requireDistinct(rooms: readonly RoomCursor[]): void {
  if (new Set(rooms.map(({ room }) => room)).size < rooms.length) {
    throw new AppError('BAD_REQUEST', { field: 'rooms', problem: 'has a room twice' });
  }
}

async function answerTo(session: Session, { room, cursor }: RoomCursor, budget: SyncBudget): Promise<RoomSync> {
  let timeline: Timeline;
  try {
    const peer = session.requirePeer(room);
    requireGrant(peer.grants, 'history');
    timeline = peer.room.timeline;
  } catch (thrown) {
    if (thrown instanceof AppError) return toRefused(room, thrown.reason);
    throw thrown;
  }
  return await syncRoom(timeline, cursor, budget);
}
