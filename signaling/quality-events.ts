// Who is told how well it goes: everybody the scores, each their own tracks, moderators all of them.

import { EventMessage } from '../core/event-message.ts';
import type { PeerQuality } from '../proto/gen/types.ts';
import type { Peer } from './peer.ts';
import type { Room } from './room.ts';

/** So that an event with all tracks of its peers stays far below what makes a reader slow. */
const maxPeersPerEvent = 20;

export function forwardQuality(room: Room): void {
  const { roster } = room;
  room.media.events.on('qualityChanged', ({ peers }) => {
    // Media may speak of a peer that has just left.
    const there = peers.filter(({ peerId }) => roster.get(peerId) !== undefined);
    for (let start = 0; start < there.length; start += maxPeersPerEvent) {
      tell(room, there.slice(start, start + maxPeersPerEvent));
    }
  });
}

/** What a peer may know of others. */
function seesAllTracks(peer: Peer): boolean {
  return peer.grants.has('moderate');
}

function tell(room: Room, peers: readonly PeerQuality[]): void {
  const message = (told: readonly PeerQuality[]) =>
    new EventMessage('qualityChanged', { room: room.name, peers: [...told] });
  const whole = message(peers);
  const scores = message(peers.map(({ peerId, score }) => ({ peerId, score, tracks: [] })));
  // Whoever joined in this turn is told of who is there before.
  room.flushRoster();
  for (const peer of room.locals.members) {
    peer.link?.send(seesAllTracks(peer) ? whole : scores);
  }
  // Behind the scores, whose entry it takes the place of.
  for (const quality of peers) {
    const own = room.locals.get(quality.peerId);
    if (own && !seesAllTracks(own)) own.link?.send(message([quality]));
  }
}
