import type { Bus } from '../../cluster/bus.ts';
import type { Directory } from '../../cluster/directory.ts';
import type { NodeCalls } from '../../cluster/node-calls.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Defer } from '../defer.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import type { Frames } from './frames.ts';
import type { Placement } from './placement.ts';

/** What the nodes share, as signaling uses it. Stays open: it is its owner's. */
export interface ClusterParts {
  readonly bus: Bus;
  readonly directory: Directory;
  readonly calls: Pick<NodeCalls, 'call' | 'serve'>;
  /** Eight hexadecimal digits of this cluster: frames of others are dropped. */
  readonly name: string;
  /** The same on all nodes; at least 32 bytes. */
  readonly secret: string;
  readonly placement: Placement;
  /** Where clients reach this node and no other; empty: only through a balancer. */
  readonly publicUrl: string;
  /** Between two clients that are asked to go. */
  readonly moveStaggerMs: number;
}

/** What each room of a cluster needs. */
export interface ClusterContext extends ClusterParts {
  /** How long peers of a node that died are waited for. */
  readonly graceMs: number;
  readonly frames: Frames;
  readonly counts: ClusterCounts;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
}
