// Senders are told the highest layer that anybody shows, and stop encoding what is above it.

import type { Clock, Timer } from '../../core/clock.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy } from '../room-policy.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { highestShown, layerShown } from './shown-layer.ts';
import { WantedLayer } from './wanted-layer.ts';

/**
 * When those who show it again look for a picture of the layer that comes back: its first key frame may have passed before
 * they were switched to it. The worker asks a sender once where several want the same.
 */
const keyFrameDelaysMs = [300, 1_000];

/** Does nothing where `media.dynacast` is off. */
export function createDynacast(stats: LayerStats = createLayerStats()): CreatePolicy {
  return (context) => (context.options.dynacast ? new Dynacast(context, stats) : { close: () => {} });
}

class Dynacast implements RoomPolicy {
  readonly #clock: Clock;
  readonly #events: PolicyContext['events'];
  readonly #stats: LayerStats;
  /** Of pictures. */
  readonly #wanted = new Map<RoomProducer, WantedLayer>();
  readonly #timers = new Map<RoomProducer, Timer>();

  constructor({ clock, events }: PolicyContext, stats: LayerStats) {
    this.#clock = clock;
    this.#events = events;
    this.#stats = stats;
  }

  producerAdded(producer: RoomProducer): void {
    if (producer.kind !== 'video') return;
    const { spatial } = producer.engine.layers;
    const onTold = (layer: number, before: number) => this.#tell(producer, layer, before);
    this.#wanted.set(producer, new WantedLayer({ clock: this.#clock, highest: spatial - 1, onTold }));
    this.#look(producer);
  }

  /** Paused or not, or read whole or not. */
  producerChanged(producer: RoomProducer): void {
    this.#look(producer);
  }

  producerRemoved(producer: RoomProducer): void {
    this.#wanted.get(producer)?.close();
    this.#wanted.delete(producer);
    this.#timers.get(producer)?.cancel();
    this.#timers.delete(producer);
  }

  consumerAdded({ producer }: RoomConsumer): void {
    this.#look(producer);
  }

  consumerChanged({ producer }: RoomConsumer): void {
    this.#look(producer);
  }

  consumerRemoved({ producer }: RoomConsumer): void {
    this.#look(producer);
  }

  close(): void {
    for (const producer of [...this.#wanted.keys()]) this.producerRemoved(producer);
  }

  #look(producer: RoomProducer): void {
    const wanted = this.#wanted.get(producer);
    // What is paused is wanted as it was: dark layers would be missed when it goes on.
    if (wanted && !producer.closed) wanted.is(highestShown(producer), { held: producer.info.paused });
  }

  #tell(producer: RoomProducer, layer: number, before: number): void {
    producer.wantedLayer = layer;
    this.#timers.get(producer)?.cancel();
    this.#timers.delete(producer);
    if (layer > before) this.#awaitPicture(producer, 0);
    // Its own node tells whoever sends it, of what is shown on all nodes.
    if (producer.peer.isElsewhere) return;
    this.#stats.wanted[layer > before ? 'up' : 'down'] += 1;
    this.#events.emit('layerWanted', { peerId: producer.peer.id, producerId: producer.id, spatialLayer: layer });
  }

  #awaitPicture(producer: RoomProducer, index: number): void {
    const atMs = keyFrameDelaysMs[index];
    if (atMs === undefined) return;
    const timer = this.#clock.after(atMs - (keyFrameDelaysMs[index - 1] ?? 0), () => {
      for (const consumer of producer.consumers) {
        if (consumer.flows && consumer.layersNow.spatialLayer < layerShown(consumer)) consumer.requestKeyFrame();
      }
      this.#awaitPicture(producer, index + 1);
    });
    this.#timers.set(producer, timer);
  }
}
