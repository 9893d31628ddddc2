import { AppError } from '../../core/errors.ts';
import { parseRoomId } from '../../core/ids.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { toRoomSnapshot, toRosterPage } from '../room-snapshot.ts';
import { defaultRosterPeers, RosterBudget } from '../roster-budget.ts';

export const roomHandlers: AreaHandlers<'room', CallContext> = {
  join({ room, options }, { session }) {
    const name = parseRoomId(room);
    if (name === undefined) throw new AppError('BAD_REQUEST', { field: 'room', problem: 'is not the name of a room' });
    return toRoomSnapshot(session.join(name, options));
  },

  leave({ room }, { session }) {
    const peer = session.requirePeer(room);
    peer.room.leave(peer, 'left');
    return {};
  },

  listPeers({ pageToken, pageSize }, { peer }) {
    return toRosterPage(peer, pageToken, new RosterBudget({ peers: pageSize || defaultRosterPeers }));
  },
};
