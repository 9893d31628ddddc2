import { Emitter } from '../../core/events.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { LinkFrame } from '../../proto/gen/node-types.ts';
import type { OtherNodes } from './node-tracks.ts';

/** The node that decides for a room what is decided once. The highest term holds. */
export interface RoomOwner {
  readonly node: string;
  /** It is this node. */
  readonly isHere: boolean;
  readonly term: number;
}

/** `follower`: of an owner that can be reached. `alone`: each node decides over what it has. */
export type NodeRole = 'owner' | 'follower' | 'alone';

export type FrameContent = Omit<LinkFrame, 'room'>;

interface RoomNodesEvents {
  /** Emitted when a node has its first peer in the room, or frames to it are taken again: it knows nothing. */
  came: { readonly node: string };
  /** Emitted when another node decides, or none that can be reached. */
  roleChanged: { readonly role: NodeRole };
  frame: { readonly node: string; readonly frame: LinkFrame };
}

interface RoomNodesParts {
  readonly room: string;
  readonly nodes: OtherNodes;
  readonly log: Logger;
}

/** The other nodes that a room has peers on, which of them decides for all, and what they tell each other. */
export class RoomNodes {
  readonly events: Emitter<RoomNodesEvents>;
  readonly #room: string;
  readonly #nodes: OtherNodes;
  readonly #homes = new Map<PeerId, string>();
  /** How many of the peers each has. */
  readonly #peers = new Map<string, number>();
  #owner: RoomOwner | undefined;
  #role: NodeRole = 'alone';

  constructor({ room, nodes, log }: RoomNodesParts) {
    this.#room = room;
    this.#nodes = nodes;
    this.events = new Emitter((error, event) =>
      log.error({ err: error, room, event }, 'a listener of the nodes of a room failed'),
    );
  }

  get all(): readonly string[] {
    return [...this.#peers.keys()];
  }

  get role(): NodeRole {
    return this.#role;
  }

  get term(): number {
    return this.#owner?.term ?? 0;
  }

  /** Undefined: the peer is none of another node. */
  nodeOf(peerId: PeerId): string | undefined {
    return this.#homes.get(peerId);
  }

  /** Undefined: it is at no other node any more. */
  peerAt(peerId: PeerId, node: string | undefined): void {
    const before = this.#homes.get(peerId);
    if (before === node) return;
    if (before !== undefined) {
      this.#homes.delete(peerId);
      const left = (this.#peers.get(before) ?? 1) - 1;
      if (left > 0) this.#peers.set(before, left);
      else this.#peers.delete(before);
    }
    if (node === undefined) return;
    this.#homes.set(peerId, node);
    const isNew = !this.#peers.has(node);
    this.#peers.set(node, (this.#peers.get(node) ?? 0) + 1);
    if (!isNew) return;
    this.#nodes.watch(node);
    if (this.#nodes.isUp(node)) this.events.emit('came', { node });
  }

  ownedBy(owner: RoomOwner): void {
    if (owner.term < this.term) return;
    this.#owner = owner;
    if (!owner.isHere) this.#nodes.watch(owner.node);
    this.#lookAtRole();
  }

  /** Whether what a node decided holds. Whoever has a higher term than the owner that is known owns the room by now. */
  obeys(node: string, term: number): boolean {
    if (term > this.term) this.ownedBy({ node, isHere: false, term });
    return this.#owner?.node === node && this.#owner.term === term && !this.#owner.isHere;
  }

  send(node: string, content: FrameContent, how: 'reliable' | 'lossy'): boolean {
    return this.#nodes.send(node, { room: this.#room, ...content }, how);
  }

  /** Does nothing where this node decides, or nobody. */
  sendToOwner(content: FrameContent, how: 'reliable' | 'lossy'): void {
    if (this.#role === 'follower' && this.#owner !== undefined) this.send(this.#owner.node, content, how);
  }

  heard(node: string, frame: LinkFrame): void {
    this.events.emit('frame', { node, frame });
  }

  linkChanged(node: string): void {
    if (this.#owner?.node === node) this.#lookAtRole();
    if (this.#peers.has(node) && this.#nodes.isUp(node)) this.events.emit('came', { node });
  }

  nodeDied(node: string): void {
    for (const [peerId, at] of [...this.#homes]) if (at === node) this.peerAt(peerId, undefined);
    if (this.#owner?.node === node) this.#lookAtRole();
  }

  #lookAtRole(): void {
    const owner = this.#owner;
    const role = owner === undefined ? 'alone' : roleUnder(owner, this.#nodes);
    if (role === this.#role) return;
    this.#role = role;
    this.events.emit('roleChanged', { role });
  }
}

function roleUnder({ node, isHere }: RoomOwner, nodes: OtherNodes): NodeRole {
  if (isHere) return 'owner';
  return nodes.isUp(node) ? 'follower' : 'alone';
}
