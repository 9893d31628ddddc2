// A real WebRTC client in Node: libwebrtc through @roamhq/wrtc under mediasoup-client, with real ICE, DTLS and SRTP.

import wrtc from '@roamhq/wrtc';
import { Device, type types } from 'mediasoup-client';
import type { TrackSource } from '../../media/media.ts';
import type {
  ConsumeResponse,
  CreateTransportResponse,
  DtlsParameters,
  RtpCapabilities,
  RtpParameters,
} from '../../proto/gen/types.ts';
import { readerOf } from '../../proto/read-message.ts';
import { createPicture, createTone, type MadeTrack } from './wrtc-tracks.ts';

/** The calls that a client makes, wherever they go: to a RoomMedia, or over a WebSocket to a whole server. */
export interface MediaCalls {
  readonly routerRtpCapabilities: RtpCapabilities;
  createTransport(
    direction: 'send' | 'recv',
    rtpCapabilities: RtpCapabilities | undefined,
  ): Promise<CreateTransportResponse>;
  connectTransport(transportId: string, dtlsParameters: DtlsParameters): Promise<void>;
  produce(request: {
    transportId: string;
    kind: 'audio' | 'video';
    source: TrackSource;
    rtpParameters: RtpParameters;
    paused: boolean;
  }): Promise<{ producerId: string }>;
  consume(request: { transportId: string; producerId: string }): Promise<ConsumeResponse>;
  resumeConsumer(consumerId: string): Promise<void>;
}

/** What libwebrtc counted of a track that comes in. */
export interface InboundStats {
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  /** Of a video. */
  readonly framesDecoded: number;
  /** Of a sound: grows with its loudness. */
  readonly totalAudioEnergy: number;
}

export interface SentTrack {
  readonly producerId: string;
  /** Stops sending. The server is not told: close the producer there. */
  stop(): void;
}

export interface ReceivedTrack {
  readonly consumerId: string;
  readonly kind: 'audio' | 'video';
  readonly rtpParameters: RtpParameters;
  stats(): Promise<InboundStats>;
}

export interface SendOptions {
  /** Of a tone: 0 is silence. */
  readonly level?: number;
  readonly codec?: string;
  /** Of a picture, in simulcast: each twice as large as the one before. */
  readonly layers?: number;
}

export interface WrtcPeer extends Disposable {
  /** As the server needs them for a transport to receive. */
  readonly rtpCapabilities: RtpCapabilities;
  /** Sends a tone for sounds and a moving picture for videos. Makes the sending transport when it is the first. */
  send(source: TrackSource, options?: SendOptions): Promise<SentTrack>;
  /** Receives a producer, and resumes it once libwebrtc is ready. Makes the receiving transport when it is the first. */
  receive(producerId: string): Promise<ReceivedTrack>;
  /** As mediasoup-client sees it: new, connecting, connected, disconnected, failed or closed. */
  connectionState(direction: 'send' | 'recv'): string;
  /** Drops tracks and transports without telling the server: what a reset asks of a client. Disposing does the same. */
  reset(): void;
}

const kindOf = { microphone: 'audio', 'screen-audio': 'audio', camera: 'video', screen: 'video' } as const;

/**
 * A client over the given calls. Mind that libwebrtc's threads keep a process
 * alive: outside of vitest, end with process.exit().
 */
export async function createWrtcPeer(calls: MediaCalls): Promise<WrtcPeer> {
  installGlobals();
  const device = new Device({ handlerName: 'Chrome111' });
  await device.load({ routerRtpCapabilities: calls.routerRtpCapabilities as types.RtpCapabilities });
  const rtpCapabilities = read<RtpCapabilities>('RtpCapabilities', device.recvRtpCapabilities);
  const tracks = new Set<MadeTrack>();
  let sending: Promise<types.Transport> | undefined;
  let receiving: Promise<types.Transport> | undefined;
  const states = { send: 'new', recv: 'new' };

  async function createTransport(direction: 'send' | 'recv'): Promise<types.Transport> {
    const made = await calls.createTransport(direction, direction === 'recv' ? rtpCapabilities : undefined);
    const options = {
      id: made.transportId,
      iceParameters: made.iceParameters,
      iceCandidates: made.iceCandidates as types.IceCandidate[],
      dtlsParameters: made.dtlsParameters as types.DtlsParameters,
    };
    const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
    transport.on('connectionstatechange', (state) => {
      states[direction] = state;
    });
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      calls.connectTransport(transport.id, read<DtlsParameters>('DtlsParameters', dtlsParameters)).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      calls
        .produce({
          transportId: transport.id,
          kind,
          source: appData['source'] as TrackSource,
          rtpParameters: read<RtpParameters>('RtpParameters', rtpParameters),
          paused: false,
        })
        .then(({ producerId }) => done({ id: producerId }), failed);
    });
    return transport;
  }

  async function send(source: TrackSource, { level, codec, layers = 1 }: SendOptions = {}) {
    sending ??= createTransport('send');
    const transport = await sending;
    // Of small pictures libwebrtc sends no layers.
    const size = layers > 1 ? { width: 640, height: 480 } : {};
    const made = kindOf[source] === 'audio' ? createTone(level === undefined ? {} : { level }) : createPicture(size);
    tracks.add(made);
    const chosen = device.sendRtpCapabilities.codecs?.find(({ mimeType }) => mimeType === codec);
    const producer = await transport.produce({
      track: made.track,
      appData: { source },
      ...(chosen ? { codec: chosen } : {}),
      ...(layers > 1 ? { encodings: encodingsOf(layers) } : {}),
    });
    return {
      producerId: producer.id,
      stop() {
        tracks.delete(made);
        made.stop();
        producer.close();
      },
    };
  }

  async function receive(producerId: string): Promise<ReceivedTrack> {
    receiving ??= createTransport('recv');
    const transport = await receiving;
    const made = await calls.consume({ transportId: transport.id, producerId });
    await transport.consume({
      id: made.consumerId,
      producerId,
      kind: made.kind,
      rtpParameters: made.rtpParameters as types.RtpParameters,
    });
    await calls.resumeConsumer(made.consumerId);
    const ssrc = made.rtpParameters.encodings[0]?.ssrc;
    return {
      consumerId: made.consumerId,
      kind: made.kind,
      rtpParameters: made.rtpParameters,
      // The receiver's own getStats is not there in @roamhq/wrtc, the connection's is.
      stats: async () => toInboundStats(await transport.getStats(), ssrc),
    };
  }

  function reset(): void {
    for (const made of tracks) made.stop();
    tracks.clear();
    for (const transport of [sending, receiving]) transport?.then((open) => open.close()).catch(() => {});
    sending = undefined;
    receiving = undefined;
  }

  return {
    rtpCapabilities,
    send,
    receive,
    connectionState: (direction) => states[direction],
    reset,
    [Symbol.dispose]: reset,
  };
}

function encodingsOf(layers: number): types.RtpEncodingParameters[] {
  return Array.from({ length: layers }, (_, layer) => ({
    scaleResolutionDownBy: 2 ** (layers - 1 - layer),
    maxBitrate: 100_000 * 4 ** layer,
    scalabilityMode: 'L1T1',
  }));
}

function installGlobals(): void {
  const { MediaStream, MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc;
  Object.assign(globalThis, {
    MediaStream,
    MediaStreamTrack,
    RTCPeerConnection,
    RTCSessionDescription,
    RTCIceCandidate,
  });
}

/** As the server reads it: with the contract's defaults, and without what the contract does not name. */
function read<T>(message: 'RtpCapabilities' | 'RtpParameters' | 'DtlsParameters', value: object): T {
  return readerOf(message)(value, '') as T;
}

function toInboundStats(report: Iterable<[string, Record<string, unknown>]>, ssrc: number | undefined): InboundStats {
  const entries = [...report].map(([, entry]) => entry);
  const inbound = entries.find((entry) => entry['type'] === 'inbound-rtp' && entry['ssrc'] === ssrc) ?? {};
  const count = (name: string) => Number(inbound[name] ?? 0);
  return {
    packetsReceived: count('packetsReceived'),
    bytesReceived: count('bytesReceived'),
    framesDecoded: count('framesDecoded'),
    totalAudioEnergy: count('totalAudioEnergy'),
  };
}
