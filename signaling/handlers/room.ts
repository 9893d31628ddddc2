import { AppError } from '../../core/errors.ts';
import { parseRoomId } from '../../core/ids.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { raiseHand } from '../raised-hands.ts';
import { toRoomSnapshot, toRosterPage } from '../room-snapshot.ts';
import { defaultRosterPeers, RosterBudget } from '../roster-budget.ts';
import type { HandlerParts } from './handler-parts.ts';

export function createRoomHandlers({
  rooms,
  invitations,
}: Pick<HandlerParts, 'rooms' | 'invitations'>): AreaHandlers<'room', CallContext> {
  return {
    async join({ room, options, directCapable, hops }, { session, signal }) {
      const name = parseRoomId(room);
      if (name === undefined)
        throw new AppError('BAD_REQUEST', { field: 'room', problem: 'is not the name of a room' });
      const grants = await invitations.grantsIn(name, session);
      session.requireJoinable(name, grants);
      // Its other rooms would have to go along: they are served from any node.
      const wish = { options, grants, hops: session.isInNoRoom ? hops : undefined };
      const loaded = await rooms.load(name, session.identity, wish);
      signal.throwIfAborted();
      // From here to the answer nothing is waited for, so its snapshot and the events after it fit together.
      return toRoomSnapshot(session.join(name, loaded, options, { directCapable }));
    },

    leave({ room }, { session }) {
      const peer = session.requirePeer(room);
      peer.room.leave(peer, 'left');
      return {};
    },

    raiseHand({ raised }, { peer }) {
      raiseHand(peer, raised);
      return {};
    },

    listPeers({ pageToken, pageSize }, { peer }) {
      return toRosterPage(peer, pageToken, new RosterBudget({ peers: pageSize || defaultRosterPeers }));
    },
  };
}
