// The roster as clients get it: a first page with the room, further pages on demand.

import type { ListPeersResponse, PeerInfo, RoomSnapshot } from '../proto/gen/types.ts';
import type { Peer } from './peer.ts';

const defaultPageSize = 100;

/** The peer's room as it is now. Events that come after it go on from here. */
export function toRoomSnapshot(peer: Peer): RoomSnapshot {
  const { room } = peer;
  const { peers, nextPageToken } = toRosterPage(peer, { pageToken: '0', pageSize: defaultPageSize });
  return {
    room: room.name,
    peerId: peer.id,
    options: { maxPeers: room.maxPeers, idleTimeoutMs: room.idleTimeoutMs },
    grants: [...peer.grants],
    peerCount: room.roster.size,
    peers,
    nextPageToken,
    ownProducers: [...room.media.producersOf(peer.id)],
    routerRtpCapabilities: room.rtpCapabilities,
    mediaEpoch: room.media.epoch,
    activeSpeakerPeerId: room.activeSpeaker?.id ?? '',
  };
}

/** One page of everyone but the caller. `pageToken` is the join index that it starts behind; `pageSize` 0: 100. */
export function toRosterPage(
  caller: Peer,
  { pageToken, pageSize }: { pageToken: string; pageSize: number },
): ListPeersResponse {
  const { room } = caller;
  const { members, nextAfter } = room.roster.page({
    after: Number(pageToken),
    size: pageSize === 0 ? defaultPageSize : pageSize,
    except: caller,
  });
  return { peers: members.map(toInfoWithProducers), nextPageToken: nextAfter === undefined ? '' : String(nextAfter) };
}

function toInfoWithProducers(peer: Peer): PeerInfo {
  return peer.toInfo(peer.room.media.producersOf(peer.id));
}
