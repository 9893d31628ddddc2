// What is counted of rooms on several nodes, since the start.

export interface ClusterCounts {
  /** Parts of other nodes that were asked for because something of them was missed: by a change, by a digest, or by silence. */
  readonly partsAsked: Record<'change' | 'digest' | 'silence', number>;
  /** Rooms that this node owns since another one died, or left. */
  readonly ownerChanges: Record<'dead' | 'left', number>;
  /** Peers that went on here, from a node that lives or is dead; unknown: nobody knew the peer, and its client joins anew. */
  readonly takeovers: Record<'alive' | 'dead' | 'unknown', number>;
}

export const noClusterCounts = (): ClusterCounts => ({
  partsAsked: { change: 0, digest: 0, silence: 0 },
  ownerChanges: { dead: 0, left: 0 },
  takeovers: { alive: 0, dead: 0, unknown: 0 },
});
