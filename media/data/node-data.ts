import type { PeerId } from '../../core/ids.ts';
import type { LinkData } from '../../proto/gen/node-types.ts';
import type { DataToServer } from '../../proto/gen/types.ts';
import type { RoomNodes } from '../nodes/room-nodes.ts';
import type { DataCounts } from './data-counts.ts';

interface NodeDataParts {
  readonly nodes: RoomNodes;
  readonly counts: DataCounts;
  readonly maxPayloadBytes: number;
  /** For peers of this node. */
  readonly onMessage: (from: PeerId, message: DataToServer, channel: { readonly isReliable: boolean }) => void;
}

/**
 * Messages of data channels from node to node: once to each node that has somebody they are for, by its link. What a link does
 * not take is lost: of lossy ones that is what they are, and a link that has too many reliable ones waiting is made anew.
 */
export class NodeData {
  readonly #parts: NodeDataParts;

  constructor(parts: NodeDataParts) {
    this.#parts = parts;
    parts.nodes.events.on('frame', ({ node, frame: { data } }) => {
      if (data) this.#take(node, data);
    });
  }

  send(from: PeerId, message: DataToServer, { isReliable }: { readonly isReliable: boolean }): void {
    const { nodes, counts } = this.#parts;
    for (const [node, toPeerIds] of this.#addressees(message.toPeerIds)) {
      const data = { ...message, fromPeerId: from, toPeerIds, reliable: isReliable };
      if (nodes.send(node, { data }, isReliable ? 'reliable' : 'lossy')) counts.toNodes += 1;
      else counts.lostToNodes += 1;
    }
  }

  /** By node; nobody named: everybody there. */
  #addressees(toPeerIds: readonly string[]): ReadonlyMap<string, string[]> {
    const { nodes } = this.#parts;
    if (toPeerIds.length === 0) return new Map(nodes.all.map((node) => [node, []]));
    const byNode = new Map<string, string[]>();
    for (const peerId of new Set(toPeerIds)) {
      const node = nodes.nodeOf(peerId as PeerId);
      if (node !== undefined) byNode.set(node, [...(byNode.get(node) ?? []), peerId]);
    }
    return byNode;
  }

  #take(node: string, { fromPeerId, reliable, ...message }: LinkData): void {
    const { counts, maxPayloadBytes, nodes, onMessage } = this.#parts;
    const from = fromPeerId as PeerId;
    // A node speaks for its own peers, and nodes may have other limits than this one.
    if (nodes.nodeOf(from) !== node || message.payload.byteLength > maxPayloadBytes) {
      counts.malformed += 1;
      return;
    }
    counts.fromNodes += 1;
    onMessage(from, message, { isReliable: reliable });
  }
}
