import type { PeerId } from '../core/ids.ts';
import type { TrackShape } from '../proto/gen/node-types.ts';
import type { ProducerInfo } from '../proto/gen/types.ts';
import type { RoomOwner } from './nodes/room-nodes.ts';

/**
 * Tracks of peers that are connected to other nodes. Media tells of them by the events of the room, and they are consumed by
 * the same calls. Nodes are named by their lives (cluster/directory.ts), opaque here.
 */
export interface RemoteTracks {
  /** Added or changed; `shape` with one that was added. */
  changed(
    peerId: PeerId,
    producer: ProducerInfo,
    from: { readonly node: string; readonly shape?: TrackShape | undefined },
  ): void;
  closed(peerId: PeerId, producerId: string): void;
  /** Where a peer is connected; undefined: at no other node any more. Its tracks are told of apart from that. */
  peerAt(peerId: PeerId, node: string | undefined): void;
  /** The node that decides for the room what is decided once: who speaks, and who has the floor. */
  ownedBy(owner: RoomOwner): void;
  /** It left, or went to another node: its tracks are gone. */
  peerGone(peerId: PeerId): void;
  /** What others have to know of a track of this node. Undefined: it is gone. */
  shapeOf(producerId: string): TrackShape | undefined;
}
