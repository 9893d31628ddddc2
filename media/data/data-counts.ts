import type { MediaOptions } from '../media-options.ts';

/** Messages of data channels since the start. */
export interface DataCounts {
  /** That clients sent and the node took. */
  received: number;
  /** To clients, each receiver counted. */
  sent: number;
  /** Sent faster than allowed. */
  tooFast: number;
  /** No messages of the contract, or larger than allowed. */
  malformed: number;
  /** Messages that other nodes were sent, each node counted. */
  toNodes: number;
  fromNodes: number;
  /** That the link to another node did not take. */
  lostToNodes: number;
}

/** By the options of a node's media, which all of its rooms share. */
const byNode = new WeakMap<MediaOptions, DataCounts>();

export function dataCountsOf(options: MediaOptions): DataCounts {
  const known = byNode.get(options);
  if (known) return known;
  const counts = { received: 0, sent: 0, tooFast: 0, malformed: 0, toNodes: 0, fromNodes: 0, lostToNodes: 0 };
  byNode.set(options, counts);
  return counts;
}
