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
  optional,
  toDtlsParameters,
  toIceCandidate,
  toIceParameters,
  toSctpParameters,
} from './convert.ts';
import { cannotConsume, dataRefused, dtlsRefused, refusing, rtpRefused, transportGone } from './refusals.ts';
import { wrapConsumer, wrapProducer } from './tracks.ts';
import type { Traffic } from './traffic.ts';

interface TransportContext {
  readonly traffic: Traffic;
  readonly onListenerError: ListenerErrorHandler;
  /** Told of every producer of sound. */
  readonly onSound: (producerId: string) => void;
}

/** The worker takes no other, in bit/s. */
const leastLimit = 30_000;
const probedTimes = 2;

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
    sctpParameters: transport.sctpParameters && toSctpParameters(transport.sctpParameters),
    get selectedProtocol() {
      return transport.iceSelectedTuple?.protocol;
    },
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
    async consume({ producerId, rtpCapabilities, mid, enableRtx }): Promise<EngineConsumer> {
      const consumer = await refusing(
        () =>
          transport.consume({
            producerId,
            rtpCapabilities: fromRtpCapabilities(rtpCapabilities),
            paused: true,
            ...optional('mid', mid),
            ...optional('enableRtx', enableRtx),
          }),
        cannotConsume,
      );
      return wrapConsumer(consumer, transport.id, traffic, onListenerError);
    },
    async produceData({ streamId, ordered, maxRetransmits }) {
      const sctpStreamParameters = { streamId, ordered, ...optional('maxRetransmits', maxRetransmits) };
      const producer = await refusing(() => transport.produceData({ sctpStreamParameters }), dataRefused);
      return { id: producer.id, close: () => producer.close() };
    },
    async consumeData({ dataProducerId, ordered, maxRetransmits, subchannel }) {
      const consumer = await refusing(
        () =>
          transport.consumeData({
            dataProducerId,
            ordered,
            ...optional('maxRetransmits', maxRetransmits),
            subchannels: [subchannel],
          }),
        dataRefused,
      );
      const { streamId } = consumer.sctpStreamParameters ?? {};
      if (streamId === undefined) throw new Error('a data consumer of a WebRTC transport has no stream');
      return { streamId, close: () => consumer.close() };
    },
    async probeBandwidth() {
      const gone = transportGone(transport.id);
      const [stats] = await refusing(() => transport.getStats(), gone);
      const believed = stats?.availableOutgoingBitrate;
      if (!believed) return undefined;
      const limit = Math.max(leastLimit, Math.round(believed * probedTimes));
      // What makes the worker probe is another limit: it tries that, and twice of it. The limit itself is to be none.
      await refusing(
        () => Promise.all([transport.setMaxOutgoingBitrate(limit), transport.setMaxOutgoingBitrate(0)]),
        gone,
      );
      return believed;
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
