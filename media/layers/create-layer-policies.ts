import type { Clock } from '../../core/clock.ts';
import type { MediaOptions } from '../media-options.ts';
import type { CreatePolicy } from '../room-policy.ts';
import { createSamplerPolicy, Sampler } from '../sampler.ts';
import { createBandwidthProbes } from './bandwidth-probes.ts';
import { createDynacast } from './dynacast.ts';
import { createLayerPolicy } from './layer-policy.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { createLineRelief } from './line-relief.ts';
import { createLossSteps } from './loss-steps.ts';
import { createWatchdog } from './watchdog.ts';

/**
 * The rules over layers for all rooms of a node, and what reads the counters that they and others go by. In the order in
 * which they are to be told: what is shown comes first.
 */
export function createLayerPolicies({
  clock,
  options,
}: {
  readonly clock: Clock;
  readonly options: Pick<MediaOptions, 'statsReadsPerSecond'>;
}): { readonly policies: readonly CreatePolicy[]; readonly stats: LayerStats } {
  const stats = createLayerStats();
  const sampler = new Sampler({ clock, readsPerSecond: options.statsReadsPerSecond });
  return {
    policies: [
      createLayerPolicy(stats),
      createDynacast(stats),
      createLossSteps,
      createLineRelief,
      createBandwidthProbes,
      createWatchdog(stats),
      createSamplerPolicy(sampler),
    ],
    stats,
  };
}
