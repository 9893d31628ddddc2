// The roster as clients get it: a first page with the room, further pages on demand.

import type { ListPeersResponse, RoomSnapshot } from '../proto/gen/types.ts';
import type { Peer } from './peer.ts';
import { countInMemory } from './people/unread-count.ts';
import { mutedUntilMs, settingsOf } from './room-facts.ts';
import { RosterBudget } from './roster-budget.ts';

/**
 * The peer's room as it is now. Events that come after it go on from here. Its first page may be empty when the budget is
 * spent on other rooms.
 */
export function toRoomSnapshot(peer: Peer, budget = new RosterBudget()): RoomSnapshot {
  const { room } = peer;
  const { facts } = room.timeline;
  const mutedMs = mutedUntilMs(facts, peer.identity, room.clock.nowMs());
  // Records go on behind the head that the answer names.
  peer.follower.restart();
  countAnew(peer);
  const { peers, nextPageToken } = toRosterPage(peer, '0', budget);
  return {
    room: room.name,
    peerId: peer.id,
    options: { maxPeers: room.maxPeers, idleTimeoutMs: room.idleTimeoutMs, direct: room.direct, e2ee: room.e2ee },
    grants: [...peer.grants],
    peerCount: room.roster.size,
    peers,
    nextPageToken,
    ownProducers: room.ownProducersOf(peer).map((producer) => {
      const wantedLayer = room.media.wantedLayerOf(producer.producerId);
      return wantedLayer === undefined ? producer : { ...producer, wantedLayer };
    }),
    routerRtpCapabilities: room.rtpCapabilities,
    mediaEpoch: room.media.epochOf(peer.id),
    activeSpeakerPeerId: room.activeSpeaker?.id ?? '',
    log: room.timeline.toLogHead(),
    unread: peer.unread,
    settings: settingsOf(facts),
    speakerPeerIds: room.media.speakers.filter((peerId) => room.roster.get(peerId) !== undefined),
    mediaMode: room.mediaModeOf(peer),
    ...(room.recording && { recording: room.recording }),
    ...(mutedMs !== undefined && { mutedUntilMs: mutedMs }),
  };
}

/** What came or was deleted since the store was asked is in no event of this peer's: it ends at the same head. */
function countAnew(peer: Peer): void {
  const { unread, identity, room } = peer;
  const counted = countInMemory(room.timeline, identity, unread.readSeq);
  if (counted === undefined || (counted.messages === unread.messages && counted.mentions === unread.mentions)) return;
  peer.unread = { ...unread, ...counted };
}

/**
 * One page of everyone but the caller. `pageToken` is the join index that it starts behind, as this node counts: on another
 * node the pages begin anew, with a snapshot.
 */
export function toRosterPage(caller: Peer, pageToken: string, budget: RosterBudget): ListPeersResponse {
  const { room } = caller;
  const { members, nextAfter } = room.roster.page({
    after: Number(pageToken),
    takes: (member) => budget.take(member.rosterBytes),
    except: caller,
  });
  const peers = members.map((member) => member.toInfo(room.producersOf(member.id)));
  return { peers, nextPageToken: nextAfter === undefined ? '' : String(nextAfter) };
}
