// A client that gets less than it shows is probed for more. The worker's own estimate grows by 8 % a second where what is sent
// fills it, and is probed by itself only where it is not filled: a line that is wide again would take a minute to be found so.

import type { Clock, Timer } from '../../core/clock.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer, RoomTransport } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy } from '../room-policy.ts';
import { estimatesBandwidth } from './path-of.ts';

const soonMs = 2_000;
const seldomMs = 16_000;
/** An estimate that grew so much since the last probe may grow on. */
const gained = 1.3;

interface Probing {
  timer: Timer;
  delayMs: number;
  /** In bit/s, at the last probe. */
  estimate: number | undefined;
}

export const createBandwidthProbes: CreatePolicy = (context) => new BandwidthProbes(context);

/** `lastMs` was between the last two probes; at which the estimate was `before` and `now`. */
export function nextProbeMs(lastMs: number, before: number | undefined, now: number | undefined): number {
  const grows = before === undefined || (now !== undefined && now >= before * gained);
  return grows ? soonMs : Math.min(lastMs * 2, seldomMs);
}

class BandwidthProbes implements RoomPolicy {
  readonly #clock: Clock;
  readonly #probed = new Map<RoomTransport, Probing>();

  constructor({ clock }: PolicyContext) {
    this.#clock = clock;
  }

  consumerAdded({ transport }: RoomConsumer): void {
    this.#look(transport);
  }

  consumerChanged({ transport }: RoomConsumer): void {
    this.#look(transport);
  }

  consumerRemoved({ transport }: RoomConsumer): void {
    this.#look(transport);
  }

  producerChanged({ consumers }: RoomProducer): void {
    for (const { transport } of consumers) this.#look(transport);
  }

  close(): void {
    for (const { timer } of this.#probed.values()) timer.cancel();
    this.#probed.clear();
  }

  #look(transport: RoomTransport): void {
    const lacks = !transport.closed && [...transport.consumers].some(getsLess);
    const probing = this.#probed.get(transport);
    if (lacks === (probing !== undefined)) return;
    if (probing) {
      probing.timer.cancel();
      this.#probed.delete(transport);
      return;
    }
    const started: Probing = { timer: this.#probeIn(soonMs, transport), delayMs: soonMs, estimate: undefined };
    this.#probed.set(transport, started);
  }

  #probeIn(delayMs: number, transport: RoomTransport): Timer {
    return this.#clock.after(delayMs, () => void this.#probe(transport));
  }

  async #probe(transport: RoomTransport): Promise<void> {
    const probing = this.#probed.get(transport);
    if (!probing) return;
    // What fails here has just ended.
    const estimate = await transport.engine.probeBandwidth().catch(() => undefined);
    if (this.#probed.get(transport) !== probing) return;
    probing.delayMs = nextProbeMs(probing.delayMs, probing.estimate, estimate);
    probing.estimate = estimate;
    probing.timer = this.#probeIn(probing.delayMs, transport);
  }
}

/** A picture of which a layer is shown, is sent by its sender and is not forwarded. */
function getsLess(consumer: RoomConsumer): boolean {
  const { producer, engine, layersNow, wantedLayers } = consumer;
  const highest = engine.layers.spatial - 1;
  if (producer.kind !== 'video' || highest < 1 || !consumer.flows || producer.info.paused) return false;
  const wanted = Math.min(highest, wantedLayers?.spatialLayer ?? highest, producer.wantedLayer ?? highest);
  return layersNow.spatialLayer < wanted && estimatesBandwidth(consumer);
}
