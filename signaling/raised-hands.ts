// Who asks to speak, and what moderators want of somebody, on whichever node that is.

import type { PeerId } from '../core/ids.ts';
import type { Member } from './member.ts';
import type { Peer, Wish } from './peer.ts';
import type { Room } from './room.ts';

export function raiseHand(peer: Peer, raised: boolean): void {
  if (peer.left || peer.handRaised === raised) return;
  peer.handRaised = raised;
  peer.room.announceChange(peer);
  tellHand(peer.room, peer);
}

export function tellHand(room: Room, { id: peerId, identity, handRaised: raised }: Member): void {
  room.broadcast('handRaised', { room: room.name, peerId, identity, raised });
}

/** The node that has the peer sees to it. */
export function wishOf(room: Room, peerId: PeerId, wish: Wish): void {
  const peer = room.locals.get(peerId);
  if (peer === undefined) room.ties.tell({ wish: { peerId, ...wish } });
  else carryOutWish(peer, wish);
}

export function carryOutWish(peer: Peer, wish: Wish): void {
  if (wish.lowerHand) raiseHand(peer, false);
  if (peer.owner.wished) peer.owner.wished(wish);
  else if (wish.unmute) peer.room.send(peer, 'unmuteRequested', wish.unmute);
}
