import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { Peer } from '../peer.ts';
import type { RemovedIdentities } from '../removed-identities.ts';

/** `removed` outlives the rooms, so that nobody comes back by waiting until the room is gone. */
export function createModerationHandlers(removed: RemovedIdentities): AreaHandlers<'moderation', CallContext> {
  return {
    async muteProducer({ producerId, muted, lock }, { peer, log }) {
      await peer.room.media.muteProducer(producerId, { muted, lock });
      log.info({ room: peer.room.name, producerId, muted, lock }, 'moderator set the mute of a producer');
      return {};
    },

    removePeer({ peerId, explanation }, { peer, log }) {
      const { room } = peer;
      const { identity } = requireOther(peer, peerId);
      removed.add(room.name, identity);
      for (const target of room.roster.ofIdentity(identity)) room.leave(target, 'removed', explanation);
      log.info({ room: room.name, removedIdentity: identity }, 'moderator removed an identity');
      return { identity };
    },

    allowIdentity({ room, identity }, { log }) {
      const wasRemoved = removed.allow(room, identity);
      if (wasRemoved) log.info({ room, allowedIdentity: identity }, 'moderator let an identity in again');
      return { wasRemoved };
    },

    listRemoved: ({ room }) => ({ identities: removed.list(room) }),
  };
}

/** All peers of an identity are removed together, so its own other peers are the caller too. */
function requireOther(caller: Peer, peerId: string): Peer {
  const target = caller.room.roster.get(peerId);
  if (target === undefined) throw new AppError('PEER_NOT_FOUND', { peerId });
  if (target.identity === caller.identity) throw new AppError('CANNOT_REMOVE_SELF');
  return target;
}
