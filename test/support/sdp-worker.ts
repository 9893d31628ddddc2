// A real worker behind session descriptions, without rooms and signaling: what is left when only the SDP edge is looked at.

import type { types } from 'mediasoup';
import { routerCodecs } from '../../media/codecs.ts';
import {
  fromDtlsParameters,
  fromRouterCodecs,
  fromRtpCapabilities,
  fromRtpParameters,
  toDtlsParameters,
  toIceCandidate,
  toIceParameters,
  toRtpCapabilities,
  toRtpParameters,
  toSctpParameters,
} from '../../media/mediasoup/convert.ts';
import { loadMediasoup } from '../../media/mediasoup/load-mediasoup.ts';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';
import type { ServerEnd } from '../../media/sdp/types.ts';
import type { DtlsParameters, RtpCapabilities, RtpParameters } from '../../proto/gen/types.ts';

export interface SdpWorker extends AsyncDisposable {
  readonly router: SdpRouter;
  /** A router of these codecs alone, with these payload types. */
  openRouter(codecs: readonly types.RouterRtpCodecCapability[]): Promise<SdpRouter>;
}

export interface SdpRouter {
  readonly rtpCapabilities: RtpCapabilities;
  openTransport(options?: { readonly data?: boolean }): Promise<SdpTransport>;
  /** The producer's id on the other router. */
  pipe(producerId: string, to: SdpRouter): Promise<string>;
  readonly inner: types.Router;
}

export interface SdpTransport {
  /** As it is now: an ICE restart changes it. */
  readonly end: ServerEnd;
  readonly inner: types.WebRtcTransport;
  connect(dtls: DtlsParameters): Promise<void>;
  produce(kind: types.MediaKind, rtpParameters: RtpParameters): Promise<types.Producer>;
  consume(options: {
    readonly producerId: string;
    readonly rtpCapabilities: RtpCapabilities;
    readonly mid?: string;
    readonly enableRtx?: boolean;
  }): Promise<{ readonly consumer: types.Consumer; readonly rtpParameters: RtpParameters }>;
}

export async function startSdpWorker(): Promise<SdpWorker> {
  const mediasoup = await loadMediasoup(findWorkerBin());
  const worker = await mediasoup.createWorker({ logLevel: 'error' });
  const openRouter = async (mediaCodecs: readonly types.RouterRtpCodecCapability[]) =>
    wrapRouter(await worker.createRouter({ mediaCodecs: [...mediaCodecs] }));
  return {
    router: await openRouter(fromRouterCodecs(routerCodecs)),
    openRouter,
    async [Symbol.asyncDispose]() {
      worker.close();
    },
  };
}

function wrapRouter(router: types.Router): SdpRouter {
  return {
    rtpCapabilities: toRtpCapabilities(router.rtpCapabilities),
    inner: router,
    openTransport: async ({ data = false } = {}) =>
      wrapTransport(
        await router.createWebRtcTransport({
          listenInfos: [
            { protocol: 'udp', ip: '127.0.0.1' },
            { protocol: 'tcp', ip: '127.0.0.1' },
          ],
          enableSctp: data,
          initialAvailableOutgoingBitrate: 1_000_000,
        }),
      ),
    async pipe(producerId, to) {
      const { pipeProducer } = await router.pipeToRouter({ producerId, router: to.inner, keepId: false });
      if (pipeProducer === undefined) throw new Error('nothing was piped');
      return pipeProducer.id;
    },
  };
}

function wrapTransport(transport: types.WebRtcTransport): SdpTransport {
  return {
    inner: transport,
    get end() {
      return {
        iceParameters: toIceParameters(transport.iceParameters),
        iceCandidates: transport.iceCandidates.map(toIceCandidate),
        dtlsParameters: toDtlsParameters(transport.dtlsParameters),
        sctp: transport.sctpParameters && toSctpParameters(transport.sctpParameters),
      };
    },
    connect: (dtls) => transport.connect({ dtlsParameters: fromDtlsParameters(dtls) }),
    produce: (kind, rtpParameters) => transport.produce({ kind, rtpParameters: fromRtpParameters(rtpParameters) }),
    async consume({ producerId, rtpCapabilities, mid, enableRtx }) {
      const consumer = await transport.consume({
        producerId,
        rtpCapabilities: fromRtpCapabilities(rtpCapabilities),
        paused: true,
        ...(mid === undefined ? {} : { mid }),
        ...(enableRtx === undefined ? {} : { enableRtx }),
      });
      return { consumer, rtpParameters: toRtpParameters(consumer.rtpParameters) };
    },
  };
}
