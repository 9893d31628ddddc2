import type { RecorderStats } from '../../media/recorder.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const recordingMetrics: readonly PulledMetric<RecorderStats>[] = [
  { name: 'recordings', help: 'Recordings that run.', read: ({ running }) => running },
  {
    name: 'recordings_ended_total',
    help: 'Recordings that ended, by how.',
    label: 'state',
    read: ({ ended }) => ended,
  },
  { name: 'recording_tracks', help: 'Tracks that are being written.', read: ({ tracks }) => tracks },
  { name: 'recording_bytes_total', help: 'Bytes of recordings.', read: ({ bytes }) => bytes },
  {
    name: 'recording_lost_packets_total',
    help: 'RTP packets that are missing in recordings.',
    read: ({ lostPackets }) => lostPackets,
  },
  {
    name: 'recorder_restarts_total',
    help: 'How often the recorder died and was replaced.',
    read: ({ restarts }) => restarts,
  },
];
