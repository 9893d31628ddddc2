import type { SignalingStats } from '../../signaling/create-signaling.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const signalingMetrics: readonly PulledMetric<SignalingStats>[] = [
  {
    name: 'sessions',
    help: 'Sessions now; away ones have lost their connection and may come back.',
    label: 'state',
    read: ({ sessions }) => sessions,
  },
  {
    name: 'calls',
    help: 'Calls between people that were started here, those that ring too.',
    read: ({ calls }) => calls,
  },
  { name: 'rooms', help: 'Rooms that are open.', read: ({ rooms }) => rooms },
  {
    name: 'peers',
    help: 'Peers in all rooms: of clients of the API, and of plain chat.',
    label: 'kind',
    read: ({ peers }) => peers,
  },
  {
    name: 'log_pending_records',
    help: 'Records whose sender waits for the acknowledgement, those that wait for a call to the store included.',
    read: ({ log }) => log.pending,
  },
  {
    name: 'log_gaps_total',
    help: 'Readers that were told that records are lost to them.',
    label: 'reason',
    read: ({ logGaps }) => logGaps,
  },
  {
    name: 'log_waits_total',
    help: 'Holes in logs of rooms that were waited at for what other nodes appended.',
    read: ({ logRepairs }) => logRepairs.waits,
  },
  {
    name: 'log_repairs_total',
    help: 'Reads of the store for what a room missed.',
    label: 'what',
    read: ({ logRepairs }) => logRepairs.repairs,
  },
  {
    name: 'log_epoch_bumps_total',
    help: 'Logs that got another epoch because the store was not as it had been told.',
    label: 'why',
    read: ({ logRepairs }) => logRepairs.epochBumps,
  },
  { name: 'logs_open', help: 'Logs of rooms that are kept open.', read: ({ log }) => log.open },
  { name: 'chat_messages_total', help: 'Chat messages that were taken.', read: ({ messages }) => messages },
];
