import { Histogram, type Registry } from '@prometheus-io/client';
import type { StoreStats } from '../store/watched-room-log.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const storeMetrics: readonly PulledMetric<StoreStats>[] = [
  { name: 'store_appended_total', help: 'Records that were appended to logs of rooms.', read: (it) => it.appended },
  {
    name: 'store_duplicates_total',
    help: 'Appends that were tried again: answered with what an earlier one had put there.',
    read: ({ duplicates }) => duplicates,
  },
  {
    name: 'store_conflicts_total',
    help: 'Appends whose client id was that of another content.',
    read: ({ conflicts }) => conflicts,
  },
  {
    name: 'store_refused_total',
    help: 'Appends that were refused because of what they change.',
    read: ({ refused }) => refused,
  },
  { name: 'store_pending_records', help: 'Records that wait for the store now.', read: ({ pending }) => pending },
  {
    name: 'store_failures_total',
    help: 'Calls to the store that failed.',
    label: 'kind',
    read: ({ failures }) => failures,
  },
  {
    name: 'store_writable',
    help: '0 from an append that the store had no space for, or could not carry out, until something is stored again.',
    read: ({ writable }) => (writable ? 1 : 0),
  },
];

/** From one that is answered from memory to a disk that hangs. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Told of each call that appends, which is of one record or of many. */
export function createAppendMetric(registry: Registry): (seconds: number) => void {
  const histogram = new Histogram({
    name: 'parley_store_append_seconds',
    help: 'How long the store takes for a call that appends records, until they are as durable as promised.',
    buckets,
    registers: [registry],
  });
  return (seconds) => histogram.observe(seconds);
}
