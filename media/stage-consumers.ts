// The consumers of a stage: what peers receive.

import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { ConsumeResponse, ConsumerView } from '../proto/gen/types.ts';
import type { ConsumeRequest, PreferredLayers } from './media.ts';
import type { PeerMedia } from './peer-media.ts';
import { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-objects.ts';
import type { Stage } from './stage.ts';
import { mediaUnavailable } from './unavailable.ts';

export async function consume(stage: Stage, peerId: PeerId, request: ConsumeRequest): Promise<ConsumeResponse> {
  const peer = stage.peer(peerId);
  const track = stage.remote?.get(request.producerId);
  if (track === undefined) return consumeHere(stage, peer, stage.producers.get(request.producerId), request);

  const { receives } = requireReceiving(peer, request.transportId);
  // Before anything is brought here for nothing.
  if (!track.canBeReceived(receives)) throw new AppError('CANNOT_CONSUME');
  stage.options.admission.requireToReceive(peerId, track.info.kind);
  try {
    const copy = await track.take();
    peer.requireHere();
    return await consumeHere(stage, peer, copy, request).catch((error: unknown) => {
      // The track goes on at home: the next one who asks gets another copy.
      throw copy.closed && !track.gone ? mediaUnavailable(error) : error;
    });
  } finally {
    track.release();
  }
}

async function consumeHere(
  stage: Stage,
  peer: PeerMedia,
  producer: RoomProducer | undefined,
  { transportId, producerId, view, mid }: ConsumeRequest,
): Promise<ConsumeResponse> {
  const { transport, receives } = requireReceiving(peer, transportId);
  // A peer does not receive itself.
  if (!producer || producer.peer === peer) throw new AppError('PRODUCER_NOT_FOUND', { producerId });

  const peerId = peer.id;
  const { admission, events, policies } = stage.options;
  const { router } = transport;
  admission.requireToReceive(peerId, producer.kind);
  let isTaken = false;
  const making = peer.consumers.make({
    create: async () => {
      // Before anything is piped for nothing.
      if (!producer.transport.router.canConsume(producerId, receives)) throw new AppError('CANNOT_CONSUME');
      const idThere = await stage.outlets.take(producer, router);
      isTaken = true;
      if (!router.canConsume(idThere, receives)) throw new AppError('CANNOT_CONSUME');
      const engine = await transport.engine.consume({ producerId: idThere, rtpCapabilities: receives, mid });
      const onChanged = (changed: RoomConsumer) => policies.tell('consumerChanged', changed);
      const onRestart = (broken: RoomConsumer) => stage.restartConsumer(broken);
      return new RoomConsumer({ engine, peer, transport, producer, view, onChanged, onRestart });
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
        // The worker may not know yet.
        if (made.closed) return;
        made.layersNow = layers;
        policies.tell('consumerChanged', made);
        events.emit('consumerLayersChanged', { peerId, consumerId: made.id, ...layers });
      });
      made.engine.events.on('scoreChanged', ({ score }) => {
        if (!made.closed) policies.tell('consumerScored', made, score);
      });
      policies.tell('consumerAdded', made);
    },
  });
  const consumer = await making.catch((error: unknown) => {
    if (isTaken) stage.outlets.release(producer, router);
    throw error;
  });
  return {
    consumerId: consumer.id,
    producerId,
    kind: producer.kind,
    rtpParameters: consumer.engine.rtpParameters,
    producerPaused: producer.info.paused,
    spatialLayers: consumer.engine.layers.spatial,
    temporalLayers: consumer.engine.layers.temporal,
    encrypted: producer.encrypted,
  };
}

function requireReceiving(peer: PeerMedia, transportId: string) {
  const transport = peer.transports.require(transportId);
  const { receives } = transport;
  if (!receives) throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
  return { transport, receives };
}

export function pauseConsumer(stage: Stage, peerId: PeerId, consumerId: string): Promise<void> {
  return stage.peer(peerId).consumers.require(consumerId).setPausedByOwner(true);
}

export function resumeConsumer(stage: Stage, peerId: PeerId, consumerId: string): Promise<void> {
  return stage.peer(peerId).consumers.require(consumerId).setPausedByOwner(false);
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
  return stage.peer(peerId).consumers.require(consumerId).setCeiling(layers);
}

export function setConsumerView(stage: Stage, peerId: PeerId, consumerId: string, view: ConsumerView): void {
  stage.peer(peerId).consumers.require(consumerId).view = view;
}

export function reportStall(stage: Stage, peerId: PeerId, consumerId: string): void {
  stage.options.policies.tell('consumerStalled', stage.peer(peerId).consumers.require(consumerId));
}
