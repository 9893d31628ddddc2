import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { RoomCursor, RoomSync } from '../../proto/gen/types.ts';
import type { CallContext } from '../call.ts';
import { requireGrant } from '../grants.ts';
import { readPage, searchLog } from '../log/log-pages.ts';
import { type Asked, syncRooms, toRefused } from '../log/log-sync.ts';
import { inSyncTurn } from '../log/sync-turns.ts';
import type { Session } from '../session.ts';

export const logHandlers: AreaHandlers<'log', CallContext> = {
  async sync({ rooms }, { session, signal }) {
    requireDistinct(rooms);
    return await inSyncTurn(session, async () => {
      signal.throwIfAborted();
      const places = rooms.map((wanted) => placeOf(session, wanted));
      const synced = await syncRooms(places.filter((place) => 'timeline' in place));
      let next = 0;
      return { rooms: places.map((place) => ('timeline' in place ? (synced[next++] as RoomSync) : place)) };
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

/** Where a reader stands, or why it is told nothing. */
function placeOf(session: Session, { room, cursor }: RoomCursor): Asked | RoomSync {
  try {
    const peer = session.requirePeer(room);
    requireGrant(peer.grants, 'history');
    return { timeline: peer.room.timeline, cursor };
  } catch (thrown) {
    if (thrown instanceof AppError) return toRefused(room, thrown.reason);
    throw thrown;
  }
}
