import type { SignalingStats } from '../../signaling/create-signaling.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const sdpMetrics: readonly PulledMetric<SignalingStats>[] = [
  {
    name: 'sdp_sessions',
    help: 'PeerConnections of clients that speak session descriptions over the API: those that send, and those that receive.',
    label: 'kind',
    read: ({ sdp }) => sdp.sessions,
  },
  {
    name: 'sdp_refused_total',
    help: 'Session descriptions of such clients that were refused.',
    read: ({ sdp }) => sdp.refused,
  },
  {
    name: 'ingest_sessions',
    help: 'Senders by WHIP and players by WHEP.',
    label: 'mode',
    read: ({ ingest }) => ingest,
  },
];
