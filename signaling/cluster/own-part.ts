// What this node says of its own peers in one room: numbered changes, and the whole for whoever missed one.

import type { Part, PartChange, PartPeer, TrackShape } from '../../proto/gen/node-types.ts';
import type { PeerInfo, PeerLeft, ProducerInfo } from '../../proto/gen/types.ts';
import type { Defer } from '../defer.ts';
import { rosterBytesOf } from '../roster-budget.ts';

/** Of the peers in one frame, as JSON: no codec is longer, and a bus frame takes 256 KB. */
const maxPartBytes = 192 * 1024;
const bytesOfShape = 256;
/** What changes within a turn is told together, so many at most. */
const maxChanges = 100;

interface OwnPartParts {
  readonly room: string;
  /** Above all versions that this life has told of the room before. */
  readonly firstVersion: number;
  readonly defer: Defer;
  readonly tell: (change: PartChange) => void;
}

export class OwnPart {
  readonly #parts: OwnPartParts;
  readonly #peers = new Map<string, PartPeer>();
  #version: number;
  #change: PartChange | undefined;
  #bytes = 0;

  constructor(parts: OwnPartParts) {
    this.#parts = parts;
    this.#version = parts.firstVersion;
  }

  /** Of what was told. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#peers.size;
  }

  get(peerId: string): PartPeer | undefined {
    return this.#peers.get(peerId);
  }

  joined(entry: PartPeer): void {
    const { peerId } = entry.peer;
    // It is back before anybody was told that it went.
    if (this.#change && hasGone(this.#change, peerId)) this.flush();
    this.#peers.set(peerId, entry);
    this.#collect(bytesOf(entry)).joined.push(entry);
  }

  changed(peer: PeerInfo): void {
    const entry = this.#peers.get(peer.peerId);
    if (entry === undefined) return;
    const { producers } = entry.peer;
    this.#peers.set(peer.peerId, { ...entry, peer: { ...peer, producers } });
    this.#collect(rosterBytesOf(peer)).changed.push({ ...peer, producers: [] });
  }

  left(left: PeerLeft): void {
    if (this.#peers.delete(left.peerId)) this.#collect(bytesOfShape).left.push(left);
  }

  /** It is another node's now. */
  moved(peerId: string): void {
    if (this.#peers.delete(peerId)) this.#collect(bytesOfShape).moved.push(peerId);
  }

  trackChanged(peerId: string, producer: ProducerInfo, shape: TrackShape | undefined): void {
    const entry = this.#peers.get(peerId);
    if (entry === undefined) return;
    this.#peers.set(peerId, withTrack(entry, producer, shape));
    this.#collect(bytesOfShape).tracks.push({ peerId, producer, ...(shape && { shape }), closedProducerId: '' });
  }

  trackClosed(peerId: string, producerId: string): void {
    const entry = this.#peers.get(peerId);
    if (entry === undefined) return;
    this.#peers.set(peerId, withoutTrack(entry, producerId));
    this.#collect(bytesOfShape).tracks.push({ peerId, closedProducerId: producerId });
  }

  /** Tells what was collected now. */
  flush(): void {
    const change = this.#change;
    if (change === undefined) return;
    this.#change = undefined;
    this.#bytes = 0;
    this.#version += 1;
    this.#parts.tell({ ...change, version: this.#version });
  }

  /** In as many frames as it takes. */
  whole(): Part[] {
    this.flush();
    const chunks: PartPeer[][] = [[]];
    let bytes = 0;
    for (const entry of this.#peers.values()) {
      bytes += bytesOf(entry);
      if (bytes > maxPartBytes) {
        chunks.push([]);
        bytes = bytesOf(entry);
      }
      chunks.at(-1)?.push(entry);
    }
    const { room } = this.#parts;
    const last = chunks.length - 1;
    return chunks.map((peers, index) => ({
      room,
      version: this.#version,
      index,
      last: index === last,
      peers,
      gone: false,
    }));
  }

  /** What is told in one frame is carried out in the order of its lists: joins, changes, leaves, tracks, moves. */
  #collect(bytes: number): PartChange {
    if (this.#change !== undefined && (count(this.#change) >= maxChanges || this.#bytes + bytes > maxPartBytes)) {
      this.flush();
    }
    if (this.#change === undefined) {
      const { room, defer } = this.#parts;
      this.#change = { room, version: 0, joined: [], changed: [], left: [], tracks: [], moved: [] };
      defer(() => this.flush());
    }
    this.#bytes += bytes;
    return this.#change;
  }
}

export function withTrack(entry: PartPeer, producer: ProducerInfo, shape: TrackShape | undefined): PartPeer {
  const { producerId } = producer;
  const known = entry.peer.producers.some((one) => one.producerId === producerId);
  const producers = known
    ? entry.peer.producers.map((one) => (one.producerId === producerId ? producer : one))
    : [...entry.peer.producers, producer];
  const others = shape && entry.shapes.filter((one) => one.producerId !== producerId);
  return { ...entry, peer: { ...entry.peer, producers }, shapes: shape && others ? [...others, shape] : entry.shapes };
}

export function withoutTrack(entry: PartPeer, producerId: string): PartPeer {
  const producers = entry.peer.producers.filter((one) => one.producerId !== producerId);
  const shapes = entry.shapes.filter((one) => one.producerId !== producerId);
  return { ...entry, peer: { ...entry.peer, producers }, shapes };
}

const hasGone = ({ left, moved }: PartChange, peerId: string): boolean =>
  moved.includes(peerId) || left.some((one) => one.peerId === peerId);

const bytesOf = ({ peer, shapes }: PartPeer): number => rosterBytesOf(peer) + shapes.length * bytesOfShape;

const count = ({ joined, changed, left, tracks, moved }: PartChange): number =>
  joined.length + changed.length + left.length + tracks.length + moved.length;
