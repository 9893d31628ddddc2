import type { FloorStats } from '../../media/floor/create-floor.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const floorMetrics: readonly PulledMetric<FloorStats>[] = [
  {
    name: 'floor_rooms',
    help: 'Rooms where more microphones are open than are forwarded.',
    read: ({ rooms }) => rooms,
  },
  {
    name: 'floor_switches_total',
    help: 'Times that a voice was forwarded because it was heard.',
    read: ({ switches }) => switches,
  },
  {
    name: 'floor_tap_packets_total',
    help: 'Copies of packets whose level was read; the packets forwarded to clients are without them.',
    read: ({ tapPackets }) => tapPackets,
  },
  {
    name: 'floor_consumers_held',
    help: 'Sounds that wait until their voice is heard.',
    read: ({ heldConsumers }) => heldConsumers,
  },
];
