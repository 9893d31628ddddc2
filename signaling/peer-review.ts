// What a new token changes for a peer that is in a room already.

import { grantsOfParty } from './calls/party-grants.ts';
import { grantsIn, publishGrantOf } from './grants.ts';
import type { Peer } from './peer.ts';
import type { Claims } from './token-verifier.ts';
import { unlessGone } from './unless-gone.ts';

/** Gives the peer the claims' grants, name and metadata, and ends what they no longer allow. */
export function reviewPeer(peer: Peer, claims: Claims): void {
  const { name, timeline } = peer.room;
  peer.grants = grantsOfParty(grantsIn(name, claims.grants), timeline.facts, peer.identity);
  if (!peer.grants.has('join')) {
    peer.room.leave(peer, 'closed', 'The new token does not grant join in this room.');
    return;
  }
  closeForbiddenProducers(peer);
  if (!peer.grants.has('subscribe')) closeConsumers(peer);
  for (const companion of peer.companions) companion.reviewed();
  if (peer.name !== claims.name || peer.metadata !== claims.metadata) {
    peer.describe(claims);
    peer.room.announceChange(peer);
  }
}

function closeForbiddenProducers({ room, id, grants }: Peer): void {
  for (const { producerId, source } of [...room.media.producersOf(id)]) {
    if (!grants.has(publishGrantOf(source))) unlessGone(() => room.media.closeProducer(id, producerId));
  }
}

/** Media does not tell an owner of what the owner closes; this owner did not. */
function closeConsumers(peer: Peer): void {
  const { room } = peer;
  for (const consumerId of peer.removeConsumers()) {
    unlessGone(() => room.media.closeConsumer(peer.id, consumerId));
    room.send(peer, 'consumerClosed', { room: room.name, consumerId, reason: 'ended' });
  }
}
