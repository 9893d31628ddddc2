import { Histogram, type Registry } from '@prometheus-io/client';
import type { PlacementStats } from '../../media/create-media.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const placementMetrics: readonly PulledMetric<PlacementStats>[] = [
  {
    name: 'media_room_routers',
    help: 'Routers of rooms: one for each worker that a room stands on, and one for each set of payload types of its players.',
    read: ({ routers }) => routers,
  },
  { name: 'media_pipes', help: 'Tracks that are carried from one router to another.', read: ({ pipes }) => pipes },
  {
    name: 'media_node_pipes',
    help: 'Ends of media pipes to other nodes: one for each room and node that tracks come from or go to.',
    read: ({ nodePipes }) => nodePipes,
  },
  {
    name: 'media_node_tracks',
    help: 'Tracks that go to other nodes, each node counted, and copies of theirs.',
    label: 'direction',
    read: ({ nodeTracks }) => nodeTracks,
  },
  {
    name: 'media_refused_total',
    help: 'Tracks and transports that were refused because the workers had too much to do.',
    label: 'what',
    read: ({ refused }) => refused,
  },
  {
    name: 'media_promised_load',
    help: 'Cores that peers are expected to need who have just come, by worker.',
    label: 'worker',
    read: ({ promised }) => Object.fromEntries([...promised].map(([place, cores]) => [String(place), cores])),
  },
];

/** Told each time that everybody of a room is back after one of its workers died. */
export function createRecoveryMetric(registry: Registry): (seconds: number) => void {
  const histogram = new Histogram({
    name: 'parley_media_recovery_seconds',
    help: 'From the death of a worker until the last peer of a room who lost its media has a transport up again.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30],
    registers: [registry],
  });
  return (seconds) => histogram.observe(seconds);
}
