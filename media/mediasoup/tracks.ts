// Producers and consumers of mediasoup behind the engine's port.

import type { types } from 'mediasoup';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { EngineConsumer, EngineConsumerEvents, EngineProducer, Layers, TrackSample } from '../engine.ts';
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
  const { encodings, codecs } = producer.rtpParameters;
  return {
    id,
    layers: layersOf(encodings),
    sample: async () => {
      const streams = await refusing(() => producer.getStats(), producerGone(id));
      return streams.map((stream) => toSample(stream, codecs[0]?.clockRate));
    },
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
  consumer.on('score', ({ score }) => events.emit('scoreChanged', { score }));
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
    // In its one encoding it says what its producer is sent in.
    layers: layersOf(consumer.rtpParameters.encodings),
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
    setPriority: (priority) => refusing(() => consumer.setPriority(priority), consumerGone(id)),
    requestKeyFrame: () => refusing(() => consumer.requestKeyFrame(), consumerGone(id)),
    isLeftOut: async () => {
      const dump = await refusing(() => consumer.dump(), consumerGone(id));
      return 'targetSpatialLayer' in dump && dump.targetSpatialLayer < 0;
    },
    sample: async () => {
      const streams = await refusing(() => consumer.getStats(), consumerGone(id));
      const own = streams.find(({ type }) => type === 'outbound-rtp');
      return own && toSample(own, undefined);
    },
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

/** Each encoding of a simulcast is a spatial layer; of a scalable one its mode says how many there are, as in L3T3. */
function layersOf(encodings: readonly types.RtpEncodingParameters[] = []): Layers {
  const [, spatial, temporal] = /^[LS](\d+)T(\d+)/.exec(encodings[0]?.scalabilityMode ?? '') ?? [];
  return { spatial: encodings.length > 1 ? encodings.length : Number(spatial ?? 1), temporal: Number(temporal ?? 1) };
}

/** `clockRate` undefined: of a stream that is sent there is no jitter. */
function toSample(
  stream: types.RtpStreamSendStats | types.RtpStreamRecvStats,
  clockRate: number | undefined,
): TrackSample {
  return {
    packets: stream.packetCount,
    bytes: stream.byteCount,
    lost: stream.packetsLost,
    // RFC 3550 section 6.4.1: parts of 256.
    // Of timestamps.
    jitterMs: clockRate && 'jitter' in stream ? (stream.jitter * 1000) / clockRate : undefined,
    rttMs: stream.roundTripTime || undefined,
    nacks: stream.nackCount,
    plis: stream.pliCount,
    score: stream.score,
  };
}
