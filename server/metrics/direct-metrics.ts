import type { SignalingStats } from '../../signaling/create-signaling.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const directMetrics: readonly PulledMetric<SignalingStats>[] = [
  {
    name: 'direct_calls',
    help: 'Rooms whose two people send to each other without the server.',
    read: ({ direct }) => direct.calls,
  },
  {
    name: 'direct_tries_total',
    help: 'Direct ways that were looked for, and those of them that were found.',
    label: 'outcome',
    read: ({ direct }) => ({ begun: direct.tried, connected: direct.connected }),
  },
];
