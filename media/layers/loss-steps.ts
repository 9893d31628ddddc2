// Clients whose packets carry nothing that bandwidth could be estimated by: what is lost on the way says how much fits.

import type { Clock } from '../../core/clock.ts';
import { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy, Sampled } from '../room-policy.ts';
import { estimatesBandwidth, lostShare } from './path-of.ts';

/** More than retransmissions mend. */
const lossy = 0.08;
const lossySamples = 2;
const clean = 0.02;
const cleanMs = 10_000;
/** Of fewer packets nothing can be said. */
const leastPackets = 10;

interface Steps {
  /** Layers that are left out, from the top. */
  down: number;
  lossy: number;
  cleanSinceMs: number | undefined;
}

export const createLossSteps: CreatePolicy = (context) => new LossSteps(context);

class LossSteps implements RoomPolicy {
  readonly #clock: Clock;
  readonly #steps = new Map<RoomConsumer, Steps>();

  constructor({ clock }: PolicyContext) {
    this.#clock = clock;
  }

  consumerAdded(consumer: RoomConsumer): void {
    const canStep = consumer.engine.layers.spatial > 1 && !estimatesBandwidth(consumer);
    if (canStep) this.#steps.set(consumer, { down: 0, lossy: 0, cleanSinceMs: undefined });
  }

  consumerRemoved(consumer: RoomConsumer): void {
    this.#steps.delete(consumer);
  }

  sampled({ track, samples, before: last }: Sampled): void {
    const steps = isConsumer(track) ? this.#steps.get(track) : undefined;
    const share = lostShare(samples[0], last?.samples[0], leastPackets);
    if (!steps || !isConsumer(track) || share === undefined || !track.flows) return;
    const before = steps.down;
    if (share > lossy) this.#isLossy(steps, track.engine.layers.spatial - 1);
    else this.#isBetter(steps, share < clean);
    if (steps.down === before) return;
    const spatialLayer = track.engine.layers.spatial - 1 - steps.down;
    track.limit('loss', steps.down === 0 ? undefined : { spatialLayer, temporalLayer: undefined });
  }

  close(): void {
    this.#steps.clear();
  }

  #isLossy(steps: Steps, most: number): void {
    steps.cleanSinceMs = undefined;
    steps.lossy += 1;
    if (steps.lossy < lossySamples) return;
    steps.lossy = 0;
    steps.down = Math.min(steps.down + 1, most);
  }

  #isBetter(steps: Steps, isClean: boolean): void {
    steps.lossy = 0;
    const nowMs = this.#clock.monotonicMs();
    steps.cleanSinceMs = isClean ? (steps.cleanSinceMs ?? nowMs) : undefined;
    if (steps.down === 0 || steps.cleanSinceMs === undefined || nowMs - steps.cleanSinceMs < cleanMs) return;
    steps.down -= 1;
    steps.cleanSinceMs = nowMs;
  }
}

function isConsumer(track: RoomProducer | RoomConsumer): track is RoomConsumer {
  return track instanceof RoomConsumer;
}
