import type { MediaStats } from '../../media/media.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const mediaMetrics: readonly PulledMetric<MediaStats>[] = [
  { name: 'media_workers', help: 'Worker processes that are alive.', read: ({ workers }) => workers.length },
  {
    name: 'media_worker_deaths_total',
    help: 'Workers that died and were replaced.',
    read: ({ workerDeaths }) => workerDeaths,
  },
  {
    name: 'media_worker_cpu_seconds_total',
    help: 'CPU time of each worker, user and system.',
    label: 'worker',
    read: ({ workers }) => byPlace(workers, ({ cpuSeconds }) => cpuSeconds),
  },
  {
    name: 'media_worker_resident_bytes',
    help: 'Memory of each worker.',
    label: 'worker',
    read: ({ workers }) => byPlace(workers, ({ residentBytes }) => residentBytes),
  },
  {
    name: 'media_worker_routers',
    help: 'Routers on each worker.',
    label: 'worker',
    read: ({ workers }) => byPlace(workers, ({ routers }) => routers),
  },
  { name: 'media_rooms', help: 'Rooms whose media is open.', read: ({ rooms }) => rooms },
  { name: 'media_transports', help: 'WebRTC transports.', read: ({ transports }) => transports },
  {
    name: 'media_transports_by_protocol',
    help: 'WebRTC transports by what ICE has selected; none: before that.',
    label: 'protocol',
    read: ({ transportsBy }) => transportsBy,
  },
  { name: 'media_producers', help: 'Tracks that are sent to this server.', read: ({ producers }) => producers },
  { name: 'media_consumers', help: 'Tracks that are sent by this server.', read: ({ consumers }) => consumers },
  {
    name: 'media_packets_received_total',
    help: 'RTP packets from clients.',
    read: ({ receivedPackets }) => receivedPackets,
  },
  { name: 'media_bytes_received_total', help: 'RTP bytes from clients.', read: ({ receivedBytes }) => receivedBytes },
  {
    name: 'media_packets_forwarded_total',
    help: 'RTP packets to clients.',
    read: ({ forwardedPackets }) => forwardedPackets,
  },
  { name: 'media_bytes_forwarded_total', help: 'RTP bytes to clients.', read: ({ forwardedBytes }) => forwardedBytes },
];

/** Not by process: a process id is another one after every death. */
function byPlace(workers: MediaStats['workers'], read: (worker: MediaStats['workers'][number]) => number) {
  return Object.fromEntries(workers.map((worker) => [String(worker.place), read(worker)]));
}
