import type { PeerInfo, ProducerInfo, RoomSnapshot } from '../../proto/gen/types.ts';

/** What changed in a roster. */
export interface RosterChange {
  readonly joined: readonly PeerInfo[];
  readonly left: readonly PeerInfo[];
  readonly changed: readonly PeerInfo[];
}

/** Told of what others send, whether by a snapshot or by an event. */
export interface ProducerListener {
  /** `replaces`: the producer that it takes the place of; empty: none. */
  producerKnown(peerId: string, producer: ProducerInfo, replaces?: string): void;
  /** `sentNow`: as a snapshot says, that has these of the peer. */
  producerGone(producerId: string, sentNow?: readonly ProducerInfo[]): void;
}

/**
 * Everyone else in a room, from snapshots, their pages and events; as large as the server lets the room become. Entries are
 * never changed but replaced. Everything is applied in the order of the connection, so the newest always holds.
 */
export class Roster {
  readonly #peers = new Map<string, PeerInfo>();
  readonly #producers: ProducerListener;
  #ownPeerId = '';
  /** Known from before a snapshot, and not seen in it or its pages yet. */
  #unseen = new Set<string>();

  constructor(producers: ProducerListener) {
    this.#producers = producers;
  }

  get peers(): ReadonlyMap<string, PeerInfo> {
    return this.#peers;
  }

  /** Begins anew with the first page. Whoever is missing is only known to be gone after the last one. */
  startSnapshot({ peerId, peers, nextPageToken }: RoomSnapshot): RosterChange {
    this.#ownPeerId = peerId;
    this.#unseen = new Set(this.#peers.keys());
    return this.addPage(peers, { isLast: nextPageToken === '' });
  }

  addPage(peers: readonly PeerInfo[], { isLast }: { isLast: boolean }): RosterChange {
    const change = this.add(peers);
    return isLast ? { ...change, left: this.#removeUnseen() } : change;
  }

  /** Peers as they are now. */
  add(peers: readonly PeerInfo[]): RosterChange {
    const joined: PeerInfo[] = [];
    const changed: PeerInfo[] = [];
    for (const peer of peers) {
      if (peer.peerId === this.#ownPeerId) continue;
      const before = this.#peers.get(peer.peerId);
      this.#unseen.delete(peer.peerId);
      this.#peers.set(peer.peerId, peer);
      this.#compareProducers(before, peer);
      if (!before) joined.push(peer);
      else if (!isSame(before, peer)) changed.push(peer);
    }
    return { joined, left: [], changed };
  }

  remove(peerIds: readonly string[]): RosterChange {
    const left = peerIds.map((peerId) => this.#remove(peerId)).filter((peer) => peer !== undefined);
    return { joined: [], left, changed: [] };
  }

  /** Everything but what the peer sends. */
  update(peer: PeerInfo): RosterChange {
    return this.#replace(peer.peerId, ({ producers }) => ({ ...peer, producers }));
  }

  setProducer(peerId: string, producer: ProducerInfo, replaces = ''): RosterChange {
    const change = this.#replace(peerId, (peer) => ({
      ...peer,
      producers: [...without(peer, producer.producerId), producer],
    }));
    // Of a peer on a page that has not come yet, the page will tell.
    if (change.changed.length > 0) this.#producers.producerKnown(peerId, producer, replaces);
    return change;
  }

  removeProducer(peerId: string, producerId: string): RosterChange {
    this.#producers.producerGone(producerId);
    return this.#replace(peerId, (peer) => ({ ...peer, producers: without(peer, producerId) }));
  }

  /** The room's media is gone: nobody sends anything until they do so again. */
  /** Of everyone, or of some. */
  clearProducers(peerIds?: ReadonlySet<string>): RosterChange {
    const changed: PeerInfo[] = [];
    for (const peer of [...this.#peers.values()]) {
      if (peer.producers.length === 0 || peerIds?.has(peer.peerId) === false) continue;
      for (const { producerId } of peer.producers) this.#producers.producerGone(producerId);
      changed.push(...this.#replace(peer.peerId, () => ({ ...peer, producers: [] })).changed);
    }
    return { joined: [], left: [], changed };
  }

  #replace(peerId: string, change: (peer: PeerInfo) => PeerInfo): RosterChange {
    const before = this.#peers.get(peerId);
    if (!before) return { joined: [], left: [], changed: [] };
    const peer = change(before);
    this.#peers.set(peerId, peer);
    return { joined: [], left: [], changed: [peer] };
  }

  #removeUnseen(): PeerInfo[] {
    const left = [...this.#unseen].map((peerId) => this.#remove(peerId)).filter((peer) => peer !== undefined);
    this.#unseen.clear();
    return left;
  }

  #remove(peerId: string): PeerInfo | undefined {
    const peer = this.#peers.get(peerId);
    this.#peers.delete(peerId);
    this.#unseen.delete(peerId);
    for (const { producerId } of peer?.producers ?? []) this.#producers.producerGone(producerId);
    return peer;
  }

  #compareProducers(before: PeerInfo | undefined, now: PeerInfo): void {
    const remaining = new Set(now.producers.map(({ producerId }) => producerId));
    for (const { producerId } of before?.producers ?? []) {
      if (!remaining.has(producerId)) this.#producers.producerGone(producerId, now.producers);
    }
    for (const producer of now.producers) this.#producers.producerKnown(now.peerId, producer);
  }
}

export function isEmptyChange({ joined, left, changed }: RosterChange): boolean {
  return joined.length === 0 && left.length === 0 && changed.length === 0;
}

function without(peer: PeerInfo, producerId: string): ProducerInfo[] {
  return peer.producers.filter((producer) => producer.producerId !== producerId);
}

/** Both come from the same encoder, so equal ones have equal texts. */
function isSame(one: PeerInfo, other: PeerInfo): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
