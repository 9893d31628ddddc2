// mediasoup with nothing around it, set up as its own examples do: a router per room, one WebRtcServer per worker.

import type { Transport } from 'mediasoup/types';
import { loadMediasoup } from '../../media/mediasoup/load-mediasoup.ts';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';
import type { ForwardingRoom, ForwardingSide } from './forwarding-side.ts';
import { opusCodec, opusRtpParameters } from './opus-stream.ts';

export async function createBareSide(name: string): Promise<ForwardingSide> {
  const { createWorker } = await loadMediasoup(findWorkerBin());
  const worker = await createWorker({ logLevel: 'error' });
  // The room's buffers: what a full socket drops would be cost for nothing, and make the two hard to compare.
  const buffers = { recvBufferSize: 4 * 1024 * 1024, sendBufferSize: 4 * 1024 * 1024 };
  const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1', ...buffers }];
  const webRtcServer = await worker.createWebRtcServer({ listenInfos });
  return {
    name,
    workerPids: [worker.pid],
    async openRoom(): Promise<ForwardingRoom> {
      const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', ...opusCodec }] });
      const transports = new Map<string, Transport>();
      const requireTransport = (id: string) => {
        const transport = transports.get(id);
        if (transport === undefined) throw new Error(`There is no transport ${id}.`);
        return transport;
      };
      return {
        async createTransport() {
          const transport = await router.createWebRtcTransport({ webRtcServer });
          transports.set(transport.id, transport);
          const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
          return { transportId: id, iceParameters, iceCandidates, dtlsParameters };
        },
        connectTransport: (_peer, transportId, dtlsParameters) =>
          requireTransport(transportId).connect({ dtlsParameters }),
        async produce(_peer, transportId, ssrc) {
          const rtpParameters = opusRtpParameters(ssrc);
          return (await requireTransport(transportId).produce({ kind: 'audio', rtpParameters })).id;
        },
        async consume(_peer, transportId, producerId) {
          await requireTransport(transportId).consume({ producerId, rtpCapabilities: router.rtpCapabilities });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      worker.close();
    },
  };
}
