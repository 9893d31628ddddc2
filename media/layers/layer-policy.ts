// What a client shows of a track decides which of its layers it gets, and how much they count where not all fit.

import type { PeerId } from '../../core/ids.ts';
import type { PeerMedia } from '../peer-media.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy } from '../room-policy.ts';
import { layerForView } from './layer-for-view.ts';
import { priorityOf } from './priority-of.ts';

export const createLayerPolicy: CreatePolicy = (context) => new LayerPolicy(context);

class LayerPolicy implements RoomPolicy {
  readonly #defer: PolicyContext['defer'];
  readonly #stopListening: () => void;
  /** Whose priorities are to be looked at once this turn is over. */
  readonly #stale = new Set<PeerMedia>();
  /** Who receives pictures. */
  readonly #receivers = new Map<PeerMedia, Set<RoomConsumer>>();
  #speaker: PeerId | undefined;

  constructor({ defer, events }: PolicyContext) {
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
    applyView(consumer);
    this.#rank(consumer.peer);
  }

  consumerRemoved(consumer: RoomConsumer): void {
    const received = this.#receivers.get(consumer.peer);
    if (!received?.delete(consumer)) return;
    if (received.size === 0) this.#receivers.delete(consumer.peer);
    else this.#rank(consumer.peer);
  }

  /** It may be of another size now. */
  producerChanged(producer: RoomProducer): void {
    if (producer.kind !== 'video') return;
    for (const consumer of producer.consumers) applyView(consumer);
  }

  close(): void {
    this.#stopListening();
  }

  /** Once for all that a turn brings: a window that is resized changes every view in it. */
  #rank(receiver: PeerMedia): void {
    if (this.#stale.size === 0) this.#defer(() => this.#rankStale());
    this.#stale.add(receiver);
  }

  #rankStale(): void {
    for (const receiver of this.#stale) {
      const received = [...(this.#receivers.get(receiver) ?? [])];
      const largest = Math.max(1, ...received.map(shownHeight));
      for (const consumer of received) {
        const { source, peer } = consumer.producer;
        consumer.setPriority(
          priorityOf({ source, speaks: peer.id === this.#speaker, share: shownHeight(consumer) / largest }),
        );
      }
    }
    this.#stale.clear();
  }
}

function applyView(consumer: RoomConsumer): void {
  const { view, producer } = consumer;
  const { source, size, engine, rtpParameters } = producer;
  const scales = rtpParameters.encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy);
  const layers = layerForView(view, { source, size, layers: engine.layers, scales });
  consumer.hold('view', layers === 'hidden');
  // What is hidden comes back in the layers that it had: they are told with the view that shows it again.
  if (layers !== 'hidden') consumer.limit('view', layers);
}

function shownHeight({ view }: RoomConsumer): number {
  return view && !view.hidden ? view.height : 0;
}
