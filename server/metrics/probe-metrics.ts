import type { ProbeStats } from '../probe/probes.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const probeMetrics: readonly PulledMetric<ProbeStats>[] = [
  { name: 'probes', help: 'Ends that are open for tests of the connection.', read: ({ live }) => live },
  {
    name: 'probes_total',
    help: 'Ends that were opened for tests of the connection, by protocol.',
    label: 'via',
    read: ({ opened }) => opened,
  },
  {
    name: 'probes_refused_total',
    help: 'Tests of the connection that were refused because there were too many at once.',
    read: ({ refused }) => refused,
  },
];
