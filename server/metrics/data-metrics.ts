import type { DataCounts } from '../../media/data/data-counts.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const dataMetrics: readonly PulledMetric<Readonly<DataCounts>>[] = [
  {
    name: 'data_messages_total',
    help: 'Messages of data channels: received from clients, and sent to them.',
    label: 'direction',
    read: ({ received, sent }) => ({ received, sent }),
  },
  {
    name: 'data_dropped_total',
    help: 'Messages of clients that were dropped: sent faster than allowed, or malformed or too large.',
    label: 'reason',
    read: ({ tooFast, malformed }) => ({ rate: tooFast, malformed }),
  },
  {
    name: 'data_node_messages_total',
    help: 'Messages of data channels between nodes: sent, received, and lost because a link did not take them.',
    label: 'direction',
    read: ({ toNodes, fromNodes, lostToNodes }) => ({ sent: toNodes, received: fromNodes, lost: lostToNodes }),
  },
];
