// The consumers of a stage: what peers receive.

import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { ConsumeResponse } from '../proto/gen/types.ts';
import type { PreferredLayers } from './media.ts';
import type { Stage } from './stage.ts';

export async function consume(
  stage: Stage,
  peerId: PeerId,
  { transportId, producerId }: { transportId: string; producerId: string },
): Promise<ConsumeResponse> {
  const peer = stage.peer(peerId);
  const transport = peer.transports.require(transportId);
  const { receives } = transport;
  if (!receives) throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
  const producer = stage.producers.get(producerId);
  // A peer does not receive itself.
  if (!producer || producer.peer === peer) throw new AppError('PRODUCER_NOT_FOUND', { producerId });

  const consumer = await peer.consumers.make({
    create: async () => {
      const router = await stage.openRouter();
      if (!router.canConsume(producerId, receives)) throw new AppError('CANNOT_CONSUME');
      const engine = await transport.engine.consume({ producerId, rtpCapabilities: receives });
      return { id: engine.id, engine, peer, transport, producer };
    },
    requireWanted: () => {
      peer.requireHere();
      peer.transports.require(transportId);
      if (producer.closed) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    },
    admit: (made) => {
      transport.consumers.add(made);
      producer.consumers.add(made);
      made.engine.events.on('layersChanged', (layers) => {
        stage.options.events.emit('consumerLayersChanged', { peerId, consumerId: made.id, ...layers });
      });
    },
  });
  return {
    consumerId: consumer.id,
    producerId,
    kind: producer.kind,
    rtpParameters: consumer.engine.rtpParameters,
    producerPaused: producer.info.paused,
  };
}

export function pauseConsumer(stage: Stage, peerId: PeerId, consumerId: string): Promise<void> {
  return stage.peer(peerId).consumers.require(consumerId).engine.pause();
}

export function resumeConsumer(stage: Stage, peerId: PeerId, consumerId: string): Promise<void> {
  return stage.peer(peerId).consumers.require(consumerId).engine.resume();
}

export function closeConsumer(stage: Stage, peerId: PeerId, consumerId: string): void {
  stage.closeConsumer(stage.peer(peerId).consumers.require(consumerId));
}

export function setPreferredLayers(
  stage: Stage,
  peerId: PeerId,
  consumerId: string,
  layers: PreferredLayers,
): Promise<void> {
  return stage.peer(peerId).consumers.require(consumerId).engine.setPreferredLayers(layers);
}
