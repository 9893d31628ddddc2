import type { types } from 'mediasoup';
import type { EngineSource, SourceOrigin } from '../engine.ts';
import { fromRtpParameters } from './convert.ts';
import { openLoopback } from './loopback.ts';
import { cannotConsume, refusing, rtpRefused } from './refusals.ts';
import { consumingOn } from './tap.ts';
import { wrapProducer } from './tracks.ts';
import type { Traffic } from './traffic.ts';

/** A worker that is not scheduled for a moment loses what its socket cannot hold. */
const socketBufferBytes = 1024 * 1024;

interface SourceContext {
  readonly traffic: Traffic;
  /** Told of every producer of sound. */
  readonly onSound: (producerId: string) => void;
}

export async function createSource(
  router: types.Router,
  origin: SourceOrigin,
  { traffic, onSound }: SourceContext,
): Promise<EngineSource> {
  const transport = await openLoopback(router, origin, { recvBufferSize: socketBufferBytes });
  const producerIds = new Set<string>();
  return {
    id: transport.id,
    selectedProtocol: 'udp',
    target: { ip: '127.0.0.1', port: transport.tuple.localPort },
    async produce({ kind, rtpParameters, paused }) {
      const producer = await refusing(
        () => transport.produce({ kind, rtpParameters: fromRtpParameters(rtpParameters), paused }),
        (problem, cause) => (cause.name === 'UnsupportedError' ? cannotConsume : rtpRefused)(problem, cause),
      );
      if (kind === 'audio') onSound(producer.id);
      producerIds.add(producer.id);
      producer.observer.once('close', () => producerIds.delete(producer.id));
      return wrapProducer(producer, transport.id, traffic);
    },
    consume: consumingOn(transport, router),
    close() {
      if (transport.closed) return;
      for (const id of [transport.id, ...producerIds]) traffic.settle(id);
      transport.close();
    },
  };
}
