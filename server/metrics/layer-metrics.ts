import type { LayerStats } from '../../media/layers/layer-stats.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const layerMetrics: readonly PulledMetric<LayerStats>[] = [
  {
    name: 'media_consumers_hidden',
    help: 'Pictures that are not forwarded, as their clients show nothing of them.',
    read: ({ hidden }) => hidden,
  },
  {
    name: 'media_layers_wanted_total',
    help: 'Words to senders that more, or less, of a picture is shown.',
    label: 'direction',
    read: ({ wanted }) => ({ ...wanted }),
  },
  {
    name: 'media_watchdog_steps_total',
    help: 'What was tried on tracks that did not flow.',
    label: 'step',
    read: ({ mended }) => ({
      key_frame: mended.keyFrame,
      lower_layers: mended.lowerLayers,
      hold: mended.hold,
      restart: mended.restart,
    }),
  },
];
