import type { GatewayStats } from '../gateway/gateway-stats.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const gatewayMetrics: readonly PulledMetric<GatewayStats>[] = [
  {
    name: 'connections',
    help: 'WebSocket connections now.',
    label: 'protocol',
    read: ({ connections }) => connections,
  },
  {
    name: 'connections_accepted_total',
    help: 'WebSocket connections that were accepted.',
    label: 'protocol',
    read: ({ accepted }) => accepted,
  },
  {
    name: 'connections_refused_total',
    help: 'Connections and HTTP requests that were turned away.',
    label: 'reason',
    read: ({ refused }) => refused,
  },
  { name: 'http_requests_total', help: 'HTTP requests.', read: ({ httpRequests }) => httpRequests },
  { name: 'messages_received_total', help: 'WebSocket messages from clients.', read: ({ messagesIn }) => messagesIn },
  { name: 'messages_sent_total', help: 'WebSocket messages to clients.', read: ({ messagesOut }) => messagesOut },
  {
    name: 'message_bytes_received_total',
    help: 'Bytes of WebSocket messages from clients.',
    read: ({ bytesIn }) => bytesIn,
  },
  {
    name: 'message_bytes_sent_total',
    help: 'Bytes of WebSocket messages to clients.',
    read: ({ bytesOut }) => bytesOut,
  },
  {
    name: 'ephemeral_events_dropped_total',
    help: 'Ephemeral events that slow readers did not get.',
    read: ({ ephemeralDropped }) => ephemeralDropped,
  },
  {
    name: 'log_pulls_total',
    help: 'How often a slow reader was switched from being pushed to, to pulling from the log.',
    read: ({ logPulls }) => logPulls,
  },
  {
    name: 'unsent_bytes',
    help: 'Bytes that connections have unsent now, in queues and in the engine.',
    read: ({ unsentBytes }) => unsentBytes,
  },
  {
    name: 'slow_consumers_closed_total',
    help: 'Connections that were closed because their reader was slow.',
    read: ({ slowConsumersClosed }) => slowConsumersClosed,
  },
  {
    name: 'malformed_frames_total',
    help: 'Messages that could not be read.',
    read: ({ malformedFrames }) => malformedFrames,
  },
  {
    name: 'notifications_ignored_total',
    help: 'JSON-RPC notifications of clients: read, and not answered.',
    read: ({ notificationsIgnored }) => notificationsIgnored,
  },
  {
    name: 'rate_limited_total',
    help: 'Messages that came faster than they may.',
    read: ({ rateLimited }) => rateLimited,
  },
];
