// Brings what is known of a room's members on other nodes into the room, once it is open here.

import type { PeerId } from '../../core/ids.ts';
import type { PartPeer, TrackChange } from '../../proto/gen/node-types.ts';
import type { LeaveReason } from '../peer.ts';
import { RemotePeer } from '../remote-peer.ts';
import type { Room } from '../room.ts';
import type { Standing } from './merged-members.ts';
import type { PartsListener } from './room-parts.ts';

export class RoomMembers implements PartsListener {
  #room: Room | undefined;
  readonly #onLetGo: (peerId: string) => void;

  /** `onLetGo`: a peer of this node goes on at another. */
  constructor(onLetGo: (peerId: string) => void) {
    this.#onLetGo = onLetGo;
  }

  /** From now on; who is there already is told first. */
  open(room: Room, members: Iterable<Standing>): void {
    this.#room = room;
    for (const standing of members) this.joined(standing);
  }

  joined(now: Standing): void {
    const room = this.#room;
    const { peerId } = now.entry.peer;
    if (room === undefined || room.roster.get(peerId) !== undefined) return;
    room.admitRemote(peerId as PeerId, now.entry.peer, placeOf(now));
    this.#tellTracks(now);
  }

  changed({ entry: { peer } }: Standing): void {
    const member = this.#room?.roster.get(peer.peerId);
    if (member instanceof RemotePeer) this.#room?.changeRemote(member, peer);
  }

  moved(now: Standing): void {
    const room = this.#room;
    if (room === undefined) return;
    const { peer } = now.entry;
    const local = room.locals.get(peer.peerId);
    const member = room.roster.get(peer.peerId);
    if (local !== undefined) {
      // What it went on as here is what is known now.
      if (local.generation === now.entry.generation && now.life === room.ties.life) return;
      this.#onLetGo(peer.peerId);
      room.letGo(local, peer, placeOf(now));
    } else if (member instanceof RemotePeer) {
      room.moveRemote(member, peer, placeOf(now));
    } else {
      this.joined(now);
      return;
    }
    this.#tellTracks(now);
  }

  left(before: Standing, reason: LeaveReason): void {
    const member = this.#room?.roster.get(before.entry.peer.peerId);
    if (member instanceof RemotePeer) this.#room?.leaveRemote(member, reason);
  }

  track(of: Standing, { producer, shape, closedProducerId }: TrackChange): void {
    const room = this.#room;
    const peerId = of.entry.peer.peerId as PeerId;
    if (!(room?.roster.get(peerId) instanceof RemotePeer)) return;
    const from = { node: of.life, ...(shape && { shape }) };
    if (producer !== undefined) room.media.remoteTracks?.changed(peerId, producer, from);
    else room.media.remoteTracks?.closed(peerId, closedProducerId);
  }

  #tellTracks(of: Standing): void {
    const { peer, shapes } = of.entry;
    for (const producer of peer.producers) {
      const shape = shapes.find(({ producerId }) => producerId === producer.producerId);
      this.track(of, { peerId: peer.peerId, producer, ...(shape && { shape }), closedProducerId: '' });
    }
  }
}

function placeOf({ life, entry }: { life: string; entry: PartPeer }): { node: string; generation: number } {
  return { node: life, generation: entry.generation };
}
