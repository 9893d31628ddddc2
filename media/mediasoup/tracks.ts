// Producers and consumers of mediasoup behind the engine's port.

import type { types } from 'mediasoup';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { EngineConsumer, EngineConsumerEvents, EngineProducer } from '../engine.ts';
import { toRtpParameters } from './convert.ts';
import { consumerGone, producerGone, refusing } from './refusals.ts';
import type { Counters, TrackMeter, Traffic } from './traffic.ts';

/** A producer or consumer whose packets are counted. */
export interface Metered {
  readonly meter: TrackMeter;
}

export function wrapProducer(producer: types.Producer, traffic: Traffic): EngineProducer & Metered {
  const meter = traffic.watch('received', async () => sum(await producer.getStats()));
  producer.observer.once('close', meter.forget);
  const { id } = producer;
  return {
    id,
    meter,
    pause: () => refusing(() => producer.pause(), producerGone(id)),
    resume: () => refusing(() => producer.resume(), producerGone(id)),
    close() {
      meter.settle();
      producer.close();
    },
  };
}

export function wrapConsumer(
  consumer: types.Consumer,
  traffic: Traffic,
  onListenerError: ListenerErrorHandler,
): EngineConsumer & Metered {
  const events = new Emitter<EngineConsumerEvents>(onListenerError);
  consumer.on('layerschange', (layers) => {
    events.emit('layersChanged', {
      spatialLayer: layers?.spatialLayer ?? -1,
      temporalLayer: layers?.temporalLayer ?? -1,
    });
  });
  const meter = traffic.watch('forwarded', async () => {
    const stats = await consumer.getStats();
    // The producer's own counters come along, they are counted there.
    return sum(stats.filter(({ type }) => type === 'outbound-rtp'));
  });
  consumer.observer.once('close', meter.forget);
  const { id } = consumer;
  return {
    id,
    rtpParameters: toRtpParameters(consumer.rtpParameters),
    events,
    meter,
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
      meter.settle();
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
