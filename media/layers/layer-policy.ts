// What a client shows of a track decides which of its layers it gets, and how much they count where not all fit.

import type { PeerId } from '../../core/ids.ts';
import type { PeerMedia } from '../peer-media.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy } from '../room-policy.ts';
import { layerForView } from './layer-for-view.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { priorityOf } from './priority-of.ts';

/** Receivers that are ranked in one turn: one speaker after another is news to all of a room, and each is two calls to a worker. */
const rankedPerTurn = 50;

export function createLayerPolicy(stats: LayerStats = createLayerStats()): CreatePolicy {
  return (context) => new LayerPolicy(context, stats);
}

class LayerPolicy implements RoomPolicy {
  readonly #defer: PolicyContext['defer'];
  readonly #stats: LayerStats;
  readonly #stopListening: () => void;
  /** Whose priorities are to be looked at once this turn is over. */
  readonly #stale = new Set<PeerMedia>();
  /** Who receives pictures. */
  readonly #receivers = new Map<PeerMedia, Set<RoomConsumer>>();
  #speaker: PeerId | undefined;

  constructor({ defer, events }: PolicyContext, stats: LayerStats) {
    this.#stats = stats;
    this.#defer = defer;
    this.#stopListening = events.on('activeSpeakerChanged', ({ peerId }) => {
      this.#speaker = peerId;
      for (const receiver of this.#receivers.keys()) this.#rank(receiver);
    });
  }

  consumerAdded(consumer: RoomConsumer): void {
    if (consumer.producer.kind !== 'video') return;
    const received = this.#receivers.get(consumer.peer) ?? new Set();
    this.#receivers.set(consumer.peer, received.add(consumer));
    this.consumerChanged(consumer);
  }

  consumerChanged(consumer: RoomConsumer): void {
    if (consumer.producer.kind !== 'video') return;
    this.#applyView(consumer);
    this.#rank(consumer.peer);
  }

  consumerRemoved(consumer: RoomConsumer): void {
    const received = this.#receivers.get(consumer.peer);
    if (!received?.delete(consumer)) return;
    if (consumer.isHeldBy('view')) this.#stats.hidden -= 1;
    if (received.size === 0) this.#receivers.delete(consumer.peer);
    else this.#rank(consumer.peer);
  }

  /** It may be of another size now. */
  producerChanged(producer: RoomProducer): void {
    if (producer.kind !== 'video') return;
    for (const consumer of producer.consumers) this.#applyView(consumer);
  }

  close(): void {
    this.#stopListening();
  }

  #applyView(consumer: RoomConsumer): void {
    const { view, producer } = consumer;
    const { source, size, engine, rtpParameters } = producer;
    const scales = rtpParameters.encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy);
    const layers = layerForView(view, { source, size, layers: engine.layers, scales });
    const isHidden = layers === 'hidden';
    this.#stats.hidden += Number(isHidden) - Number(consumer.isHeldBy('view'));
    consumer.hold('view', isHidden);
    // What is hidden comes back in the layers that it had: they are told with the view that shows it again.
    if (layers !== 'hidden') consumer.limit('view', layers);
  }

  /** Once for all that a turn brings: a window that is resized changes every view in it. */
  #rank(receiver: PeerMedia): void {
    if (this.#stale.size === 0) this.#defer(() => this.#rankStale());
    this.#stale.add(receiver);
  }

  #rankStale(): void {
    for (const receiver of [...this.#stale].slice(0, rankedPerTurn)) {
      this.#stale.delete(receiver);
      const received = [...(this.#receivers.get(receiver) ?? [])];
      const largest = Math.max(1, ...received.map(shownHeight));
      for (const consumer of received) {
        const { source, peer } = consumer.producer;
        consumer.setPriority(
          priorityOf({ source, speaks: peer.id === this.#speaker, share: shownHeight(consumer) / largest }),
        );
      }
    }
    if (this.#stale.size > 0) this.#defer(() => this.#rankStale());
  }
}

function shownHeight({ view }: RoomConsumer): number {
  return view && !view.hidden ? view.height : 0;
}
