import type { types } from 'mediasoup';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type {
  Connectivity,
  EngineConsumer,
  EngineProducer,
  EngineTransport,
  EngineTransportEvents,
} from '../engine.ts';
import {
  fromDtlsParameters,
  fromRtpCapabilities,
  fromRtpParameters,
  toDtlsParameters,
  toIceCandidate,
  toIceParameters,
} from './convert.ts';
import { cannotConsume, dtlsRefused, refusing, rtpRefused, transportGone } from './refusals.ts';
import { wrapConsumer, wrapProducer } from './tracks.ts';
import type { Traffic } from './traffic.ts';

interface TransportContext {
  readonly traffic: Traffic;
  readonly onListenerError: ListenerErrorHandler;
  /** Told of every producer of sound. */
  readonly onSound: (producerId: string) => void;
}

export function wrapTransport(transport: types.WebRtcTransport, context: TransportContext): EngineTransport {
  const { traffic, onListenerError, onSound } = context;
  const events = new Emitter<EngineTransportEvents>(onListenerError);
  const producerIds = new Set<string>();
  let before: Connectivity | undefined;

  const tell = () => {
    const connectivity = connectivityOf(transport);
    if (connectivity === before || connectivity === undefined || transport.closed) return;
    before = connectivity;
    events.emit('connectivityChanged', { connectivity });
  };
  transport.on('icestatechange', tell);
  transport.on('dtlsstatechange', tell);

  return {
    id: transport.id,
    get iceParameters() {
      return toIceParameters(transport.iceParameters);
    },
    iceCandidates: transport.iceCandidates.map(toIceCandidate),
    dtlsParameters: toDtlsParameters(transport.dtlsParameters),
    events,
    connect: (dtlsParameters) =>
      refusing(() => transport.connect({ dtlsParameters: fromDtlsParameters(dtlsParameters) }), dtlsRefused),
    restartIce: async () => toIceParameters(await refusing(() => transport.restartIce(), transportGone(transport.id))),
    async produce({ kind, rtpParameters, paused }): Promise<EngineProducer> {
      const producer = await refusing(
        () => transport.produce({ kind, rtpParameters: fromRtpParameters(rtpParameters), paused }),
        rtpRefused,
      );
      if (kind === 'audio') onSound(producer.id);
      producerIds.add(producer.id);
      producer.observer.once('close', () => producerIds.delete(producer.id));
      return wrapProducer(producer, transport.id, traffic);
    },
    async consume({ producerId, rtpCapabilities }): Promise<EngineConsumer> {
      const consumer = await refusing(
        () => transport.consume({ producerId, rtpCapabilities: fromRtpCapabilities(rtpCapabilities), paused: true }),
        cannotConsume,
      );
      return wrapConsumer(consumer, transport.id, traffic, onListenerError);
    },
    close() {
      if (transport.closed) return;
      for (const id of [transport.id, ...producerIds]) traffic.settle(id);
      transport.close();
    },
  };
}

function connectivityOf({ dtlsState, iceState }: types.WebRtcTransport): Connectivity | undefined {
  // DTLS is closed by the client when it leaves, as a page does that is closed.
  if (dtlsState === 'failed' || dtlsState === 'closed') return 'failed';
  if (iceState === 'disconnected') return 'lost';
  if (dtlsState === 'connected') return 'up';
  return undefined;
}
