// How much of rosters goes out at once. A page that is larger than what a reader may have unsent would end its connection,
// and as it would be asked for again on the next one, no other could replace it.

import type { PhoneInfo } from '../proto/gen/types.ts';

/** Peers of one answer; room.listPeers may ask for more. */
export const defaultRosterPeers = 100;
/** Of the rosters in one answer or event, as JSON. The configuration keeps `gateway.slowConsumerBytes` above it. */
export const maxRosterBytes = 256 * 1024;
/** What a peer comes to without its texts: ids, flags, the names of the fields, and four producers. */
const bytesBesidesTexts = 1_024;

/** The most that a peer's PeerInfo takes, in bytes. No codec is longer than JSON. */
export function rosterBytesOf(texts: {
  identity: string;
  name: string;
  metadata: string;
  phone?: PhoneInfo | undefined;
}): number {
  const { identity, name, metadata, phone } = texts;
  const ofPhone = phone === undefined ? 0 : Buffer.byteLength(JSON.stringify(phone));
  return bytesBesidesTexts + Buffer.byteLength(JSON.stringify([identity, name, metadata])) + ofPhone;
}

/** What one answer still has room for. Rooms of one answer share it. */
export class RosterBudget {
  #peers: number;
  #bytes: number;

  constructor({ peers = defaultRosterPeers, bytes = maxRosterBytes } = {}) {
    this.#peers = peers;
    this.#bytes = bytes;
  }

  /** Answers whether there was room for a peer of that size; it then is taken. A fresh budget has room for any one peer. */
  take(bytes: number): boolean {
    if (this.#peers === 0 || this.#bytes < bytes) return false;
    this.#peers -= 1;
    this.#bytes -= bytes;
    return true;
  }
}
