// What one other life says of its peers in a room: in which version it is known here, and whether something was missed.

import type { Part, PartChange, PartPeer } from '../../proto/gen/node-types.ts';

/** Peers of one room, of one node; a part with more is not taken. */
const maxPeersOfPart = 10_000;

export class OtherPart {
  /** Undefined: nothing is known, or too little. */
  version: number | undefined;
  /** When it is to be asked for again, on the monotonic clock, and how often it was. */
  askedAtMs: number | undefined;
  asks = 0;
  #collected: { version: number; next: number; peers: PartPeer[] } | undefined;

  /** The whole, once its last frame is there. What is older than what is known says nothing. */
  take(part: Part): readonly PartPeer[] | undefined {
    if (this.version !== undefined && part.version < this.version) return undefined;
    if (part.index === 0) this.#collected = { version: part.version, next: 0, peers: [] };
    const collected = this.#collected;
    if (collected?.version !== part.version || collected.next !== part.index) return undefined;
    collected.next += 1;
    collected.peers.push(...part.peers);
    if (collected.peers.length > maxPeersOfPart) this.#collected = undefined;
    if (!part.last || this.#collected === undefined) return undefined;
    this.#collected = undefined;
    this.version = part.version;
    this.askedAtMs = undefined;
    this.asks = 0;
    return collected.peers;
  }

  /** `next`: it is to be carried out. `missed`: the whole is to be asked for. */
  follow({ version }: Pick<PartChange, 'version'>): 'next' | 'known' | 'missed' {
    if (this.version === undefined) return 'missed';
    if (version <= this.version) return 'known';
    if (version > this.version + 1) {
      this.version = undefined;
      return 'missed';
    }
    this.version = version;
    return 'next';
  }
}
