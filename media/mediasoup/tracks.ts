// Producers and consumers of mediasoup behind the engine's port.

import type { types } from 'mediasoup';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { EngineConsumer, EngineConsumerEvents, EngineProducer } from '../engine.ts';
import { toRtpParameters } from './convert.ts';
import { consumerGone, producerGone, refusing } from './refusals.ts';
import type { Counters, Traffic } from './traffic.ts';

export function wrapProducer(producer: types.Producer, transportId: string, traffic: Traffic): EngineProducer {
  const { id } = producer;
  const forget = traffic.watch({
    direction: 'received',
    closesWith: [id, transportId],
    read: async () => sum(await producer.getStats()),
  });
  producer.observer.once('close', forget);
  return {
    id,
    pause: () => refusing(() => producer.pause(), producerGone(id)),
    resume: () => refusing(() => producer.resume(), producerGone(id)),
    close() {
      traffic.settle(id);
      producer.close();
    },
  };
}

export function wrapConsumer(
  consumer: types.Consumer,
  transportId: string,
  traffic: Traffic,
  onListenerError: ListenerErrorHandler,
): EngineConsumer {
  const { id, producerId } = consumer;
  const events = new Emitter<EngineConsumerEvents>(onListenerError);
  consumer.on('layerschange', (layers) => {
    events.emit('layersChanged', {
      spatialLayer: layers?.spatialLayer ?? -1,
      temporalLayer: layers?.temporalLayer ?? -1,
    });
  });
  const forget = traffic.watch({
    direction: 'forwarded',
    closesWith: [id, transportId, producerId],
    read: async () => {
      const stats = await consumer.getStats();
      // The producer's own counters come along, they are counted there.
      return sum(stats.filter(({ type }) => type === 'outbound-rtp'));
    },
  });
  consumer.observer.once('close', forget);
  return {
    id,
    rtpParameters: toRtpParameters(consumer.rtpParameters),
    events,
    pause: () => refusing(() => consumer.pause(), consumerGone(id)),
    // The worker itself asks the producer of a video for a key frame when a consumer starts to flow.
    resume: () => refusing(() => consumer.resume(), consumerGone(id)),
    setPreferredLayers: ({ spatialLayer, temporalLayer }) =>
      refusing(
        () =>
          consumer.setPreferredLayers(temporalLayer === undefined ? { spatialLayer } : { spatialLayer, temporalLayer }),
        consumerGone(id),
      ),
    close() {
      traffic.settle(id);
      consumer.close();
    },
  };
}

function sum(streams: readonly { packetCount: number; byteCount: number }[]): Counters {
  return {
    packets: streams.reduce((total, stream) => total + stream.packetCount, 0),
    bytes: streams.reduce((total, stream) => total + stream.byteCount, 0),
  };
}
