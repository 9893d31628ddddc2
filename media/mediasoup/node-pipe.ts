// Tracks to and from another node: one end of an SRTP pipe, of which the other end stands in another process.

import type { types } from 'mediasoup';
import type { EngineNodePipe, NodePipeEnd, NodePipeListen } from '../engine.ts';
import { fromRtpParameters, toRtpParameters } from './convert.ts';
import { cannotConsume, producerGone, refusing, rtpRefused, unavailable } from './refusals.ts';
import { wrapProducer } from './tracks.ts';
import type { Traffic } from './traffic.ts';

/** A worker that is not scheduled for a moment loses what its socket cannot hold. */
const socketBufferBytes = 4 * 1024 * 1024;

interface NodePipeContext {
  readonly traffic: Traffic;
  /** Told of every producer of sound. */
  readonly onSound: (producerId: string) => void;
}

/**
 * Packets are taken from the other end's address alone, and only when they were encrypted with its key. Nothing here tells
 * that the other end is gone: RTP over UDP just stops.
 */
export async function openNodePipe(
  router: types.Router,
  { ip, announced, portMin, portMax }: NodePipeListen,
  { traffic, onSound }: NodePipeContext,
): Promise<EngineNodePipe> {
  const transport = await refusing(
    () =>
      router.createPipeTransport({
        listenInfo: {
          protocol: 'udp',
          ip,
          ...(announced !== ip && { announcedAddress: announced }),
          portRange: { min: portMin, max: portMax },
          recvBufferSize: socketBufferBytes,
          sendBufferSize: socketBufferBytes,
        },
        enableRtx: true,
        enableSrtp: true,
      }),
    unavailable,
  );
  const { srtpParameters } = transport;
  if (!srtpParameters) throw new Error('a pipe that was made with SRTP has no key');
  const end = { ip: announced, port: transport.tuple.localPort, ...srtpParameters };

  return {
    end,
    connect: (other) => refusing(() => connect(transport, other), unavailable),
    async send(producerId) {
      const consumer = await refusing(
        () => transport.consume({ producerId }),
        (problem, cause) => (transport.closed ? unavailable : producerGone(producerId))(problem, cause),
      );
      const { kind, rtpParameters, producerPaused: paused } = consumer;
      const refused = producerGone(producerId);
      return {
        kind,
        rtpParameters: toRtpParameters(rtpParameters),
        paused,
        pause: () => refusing(() => consumer.pause(), refused),
        resume: () => refusing(() => consumer.resume(), refused),
        close: () => consumer.close(),
      };
    },
    async receive({ id, kind, rtpParameters, paused }) {
      const producer = await refusing(
        () => transport.produce({ id, kind, rtpParameters: fromRtpParameters(rtpParameters), paused }),
        // A router of few codecs: this one is not among them.
        (problem, cause) => (cause.name === 'UnsupportedError' ? cannotConsume : rtpRefused)(problem, cause),
      );
      if (kind === 'audio') onSound(producer.id);
      return wrapProducer(producer, transport.id, traffic);
    },
    close() {
      if (!transport.closed) transport.close();
    },
  };
}

function connect(transport: types.PipeTransport, { ip, port, cryptoSuite, keyBase64 }: NodePipeEnd): Promise<void> {
  // The worker compares, and refuses what it does not know.
  const srtpParameters = { cryptoSuite: cryptoSuite as types.SrtpCryptoSuite, keyBase64 };
  return transport.connect({ ip, port, srtpParameters });
}
