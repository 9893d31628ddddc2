import { Histogram, type Registry } from '@prometheus-io/client';
import { type ErrorReason, errorRegistry } from '../../core/errors.ts';
import type { ClusterStats } from '../../signaling/cluster/cluster-rooms.ts';
import type { ClusterNodeStats } from '../cluster/open-cluster.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export interface ClusterSnapshot extends ClusterNodeStats {
  /** Of rooms that are open on several nodes. */
  readonly rooms: ClusterStats | undefined;
}

/** Of a node among others; without them there are none of these. */
export const clusterMetrics: readonly PulledMetric<ClusterSnapshot>[] = [
  { name: 'cluster_nodes', help: 'Nodes that live, this one among them.', read: ({ nodes }) => nodes },
  {
    name: 'cluster_redis_up',
    help: '1 while what the nodes share answers this one.',
    read: ({ up }) => (up ? 1 : 0),
  },
  {
    name: 'cluster_rooms_owned',
    help: 'Open rooms for which this node does what one node does for all.',
    read: ({ rooms }) => rooms?.owned ?? 0,
  },
  {
    name: 'cluster_bus_dropped_total',
    help: 'Frames of other nodes that were not read, by reason.',
    label: 'why',
    read: ({ rooms }) => rooms?.framesDropped ?? {},
  },
  {
    name: 'cluster_bus_frames_sent_total',
    help: 'Frames that were told to other nodes, by what they say.',
    label: 'kind',
    read: ({ rooms }) => rooms?.framesSent ?? {},
  },
  {
    name: 'cluster_bus_frames_heard_total',
    help: 'Frames that were read, of this node itself too, by what they say.',
    label: 'kind',
    read: ({ rooms }) => rooms?.framesHeard ?? {},
  },
  {
    name: 'cluster_bus_delay_seconds',
    help: 'From publishing a beat to hearing it, the last time.',
    read: ({ busDelayMs = 0 }) => busDelayMs / 1_000,
  },
  {
    name: 'cluster_parts_asked_total',
    help: 'Times that another node was asked who is there because something of it was missed.',
    label: 'why',
    read: ({ rooms }) => rooms?.counts.partsAsked ?? {},
  },
  {
    name: 'cluster_owner_changes_total',
    help: 'Rooms that this node owns since another one died, or left.',
    label: 'why',
    read: ({ rooms }) => rooms?.counts.ownerChanges ?? {},
  },
  {
    name: 'cluster_takeovers_total',
    help: 'Peers of another node that went on at this one.',
    label: 'from',
    read: ({ rooms }) => rooms?.counts.takeovers ?? {},
  },
  {
    name: 'cluster_rpc_refused_total',
    help: 'Calls and links of others that were refused because of their token.',
    read: ({ refusedCalls }) => refusedCalls,
  },
  {
    name: 'cluster_link_frames_dropped_total',
    help: 'Frames between two nodes that were dropped: too many waited, too large, or not to be read.',
    read: ({ droppedFrames }) => droppedFrames,
  },
  {
    name: 'cluster_links_lost_total',
    help: 'Links to other nodes that were up and broke.',
    read: ({ lostLinks }) => lostLinks,
  },
  {
    name: 'cluster_rpc_broken',
    help: 'Other nodes that are not called for now, because they did not answer in time.',
    read: ({ broken }) => broken.length,
  },
];

/** From a node beside this one to one that does not answer. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export type ObserveNodeCall = (method: string, outcome: string, seconds: number) => void;

/** Told of each call to another node; the methods are few. Registered with the first of them. */
export function createNodeCallMetric(registry: Registry): ObserveNodeCall {
  let histogram: Histogram<'method' | 'outcome'> | undefined;
  return (method, outcome, seconds) => {
    histogram ??= new Histogram({
      name: 'parley_cluster_rpc_seconds',
      help: 'How long calls to other nodes take, by method and outcome (ok, or the code of the error).',
      labelNames: ['method', 'outcome'],
      buckets,
      registers: [registry],
    });
    const code = Object.hasOwn(errorRegistry, outcome) ? errorRegistry[outcome as ErrorReason].code : 'ok';
    histogram.labels(method, code).observe(seconds);
  };
}
