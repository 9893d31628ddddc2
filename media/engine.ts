// The port between the media of rooms and the SFU that carries it. An engine knows routers, transports, producers and
// consumers, but no peers, no sources and no rules: those are the callers' (stage.ts and its neighbours).
//
// Everything asynchronous rejects with AppError, MEDIA_UNAVAILABLE when its worker is gone. Parameters are checked by
// callers before they come here. Everything that closes is closed once: closing it again does nothing.

import type { Emitter } from '../core/events.ts';
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
  SctpParameters,
} from '../proto/gen/types.ts';
import type { MediaKind, MediaStats, PreferredLayers } from './media.ts';

/** What the engine itself can say of MediaStats; rooms and their objects are counted by their owner. */
export type EngineStats = Pick<
  MediaStats,
  'workers' | 'workerDeaths' | 'receivedPackets' | 'receivedBytes' | 'forwardedPackets' | 'forwardedBytes'
>;

type Listening<Events extends object> = Pick<Emitter<Events>, 'on' | 'once'>;

/** By codec, as in `audio/opus` or `video/H264;packetization-mode=1;profile-level-id=42e01f` (see codecs.ts). */
export type PayloadTypes = ReadonlyMap<string, number>;

export interface RouterRequest {
  /** The place of its worker; undefined: the engine chooses. */
  readonly place?: number | undefined;
  /**
   * The router speaks these codecs only, by these payload types, for a client that has fixed them in an offer: a consumer is
   * sent with its router's payload types. Undefined: all codecs.
   */
  readonly payloadTypes?: PayloadTypes | undefined;
}

export interface PlaceLoad {
  /** From 0; a worker that replaces another has its place. */
  readonly place: number;
  /** Cores in use, as last measured. Infinity: it does not answer. */
  readonly load: number;
  readonly routers: number;
}

/** A pool of workers that routers are placed on. */
export interface MediaEngine {
  /** What every router can receive and send. */
  readonly rtpCapabilities: RtpCapabilities;
  /** True when at least one worker can take routers. */
  readonly ready: boolean;
  /** The addresses that clients are told to send media to. */
  readonly announcedAddresses: readonly string[];
  /** One for each worker that lives, in the order of their places. */
  readonly places: readonly PlaceLoad[];
  /** Resolves as soon as a worker can take routers. @throws {AppError} MEDIA_UNAVAILABLE when the engine closes first. */
  whenReady(): Promise<void>;
  /**
   * The process is stopping: a signal to its whole group, as from a terminal or systemd, ends workers too, which is no
   * failure from now on. Their places are still filled, for calls that may go on until the engine closes.
   */
  drain(): void;
  /**
   * Opens a router, on the least loaded worker unless a place is asked for.
   * @throws {AppError} MEDIA_UNAVAILABLE at once when there is no worker, or none at that place.
   */
  createRouter(request?: RouterRequest): Promise<EngineRouter>;
  stats(): Promise<EngineStats>;
  /** Ends the workers, with force when they do not end by themselves. */
  close(): Promise<void>;
}

export interface EngineRouterEvents {
  /** Emitted once, when the router's worker died. All that stood on the router is gone by then. */
  died: { workerPid: number };
  /** Emitted when another producer is the loudest; undefined when none is heard. */
  speakerChanged: { producerId: string | undefined };
  /** Emitted twice a second while anybody is heard, and once when nobody is any more. The loudest first. */
  voicesHeard: { voices: readonly { readonly producerId: string; readonly levelDbov: number }[] };
}

export interface EngineRouter {
  readonly workerPid: number;
  /** Of its worker. */
  readonly place: number;
  readonly rtpCapabilities: RtpCapabilities;
  readonly events: Listening<EngineRouterEvents>;
  /** Makes a WebRTC transport that waits for its client: ICE-lite over UDP and TCP; with SCTP where `data` asks for it. */
  createTransport(options?: { readonly data?: boolean }): Promise<EngineTransport>;
  /** Whether a client of these capabilities can receive the producer; false for a producer that is not there. */
  canConsume(producerId: string, rtpCapabilities: RtpCapabilities): boolean;
  /**
   * Brings a producer of this router to another one, of any worker of this engine, where it pauses, resumes and closes with
   * its original. @throws {AppError} PRODUCER_NOT_FOUND when it closes meanwhile.
   */
  pipe(producerId: string, to: EngineRouter): Promise<EnginePipe>;
  /** One end of a way to another node. @throws {AppError} MEDIA_UNAVAILABLE, as where no port is free. */
  openNodePipe(listen: NodePipeListen): Promise<EngineNodePipe>;
  /** Sends tracks as plain RTP (RFC 3550) with RTCP on the same port to a UDP socket of this machine. */
  createTap(target: TapTarget): Promise<EngineTap>;
  /** Takes tracks as plain RTP, with RTCP on the same port, from a UDP socket of this machine. @throws {AppError} MEDIA_UNAVAILABLE */
  createSource(from: SourceOrigin): Promise<EngineSource>;
  /** Messages of this router's data channels, through this process. */
  createDataHub(options: { readonly maxMessageBytes: number }): Promise<EngineDataHub>;
  /** Closes all that stands on it. */
  close(): void;
}

/** `up`: packets can flow. `lost`: the client is not heard of, and may come back. `failed`: it cannot come back. */
export type Connectivity = 'up' | 'lost' | 'failed';

export interface EngineTransportEvents {
  connectivityChanged: { connectivity: Connectivity };
}

export interface EngineTransport {
  readonly id: string;
  readonly iceParameters: IceParameters;
  readonly iceCandidates: readonly IceCandidate[];
  readonly dtlsParameters: DtlsParameters;
  /** Undefined: made without data. */
  readonly sctpParameters: SctpParameters | undefined;
  /** What ICE has selected; undefined before. */
  readonly selectedProtocol: 'udp' | 'tcp' | undefined;
  readonly events: Listening<EngineTransportEvents>;
  /** Takes the client's side; once. @throws {AppError} DTLS_PARAMETERS_REFUSED */
  connect(dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(): Promise<IceParameters>;
  /** @throws {AppError} RTP_PARAMETERS_REFUSED */
  produce(options: { kind: MediaKind; rtpParameters: RtpParameters; paused: boolean }): Promise<EngineProducer>;
  /**
   * The consumer starts paused. `producerId` is what the producer is called on this transport's router; `mid` is the
   * engine's choice unless it is given. @throws {AppError} CANNOT_CONSUME
   */
  consume(options: {
    producerId: string;
    rtpCapabilities: RtpCapabilities;
    mid?: string | undefined;
    /** False: lost packets are not sent again. True by default. */
    enableRtx?: boolean | undefined;
  }): Promise<EngineConsumer>;
  /** What the client sends on an SCTP stream. `maxRetransmits` undefined: reliable. */
  produceData(options: DataChannel & { readonly streamId: number }): Promise<{ readonly id: string; close(): void }>;
  /** What a data producer of this router, or its hub, says to the subchannel, on a stream of the engine's choice. */
  consumeData(
    options: DataChannel & { readonly dataProducerId: string; readonly subchannel: number },
  ): Promise<{ readonly streamId: number; close(): void }>;
  /**
   * Tries by a few packets of padding whether the client can receive twice of what is believed, or more. Answers what was
   * believed before, in bit/s; undefined: nothing is estimated.
   */
  probeBandwidth(): Promise<number | undefined>;
  /** Closes its producers and consumers with it. */
  close(): void;
}

/** A track that comes in. Pausing and resuming take effect in the order in which they are called. */
export interface EngineProducer {
  readonly id: string;
  readonly layers: Layers;
  /** One for each stream that has had packets. */
  sample(): Promise<readonly TrackSample[]>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends its consumers too, wherever they are; they need not be closed. */
  close(): void;
}

export interface EngineConsumerEvents {
  /** Emitted when other layers of the producer are forwarded; -1 for none. */
  layersChanged: { spatialLayer: number; temporalLayer: number };
  /** Emitted when a report of the client changes it: see TrackSample. */
  scoreChanged: { score: number };
}

/** A track that goes out. */
export interface EngineConsumer {
  readonly id: string;
  readonly rtpParameters: RtpParameters;
  /** Of its producer. */
  readonly layers: Layers;
  readonly events: Listening<EngineConsumerEvents>;
  pause(): Promise<void>;
  /** Asks the producer of a video for a key frame, so that the client has a picture at once. */
  resume(): Promise<void>;
  setPreferredLayers(layers: PreferredLayers): Promise<void>;
  /**
   * Who gets what is left of a transport's bandwidth first: 1 (the default) to 255. Sounds are always sent, and every
   * picture gets its lowest layer before any gets a second one.
   */
  setPriority(priority: number): Promise<void>;
  /** Of a video that flows; of anything else nothing comes of it. */
  requestKeyFrame(): Promise<void>;
  /** The engine itself sends none of its layers, as where the bandwidth does not suffice for the lowest. */
  isLeftOut(): Promise<boolean>;
  /** Undefined before the first packet. */
  sample(): Promise<TrackSample | undefined>;
  close(): void;
}

/** How many there are: 1 and 1 of a sound, and of a picture that is sent in one encoding without scalability. */
export interface Layers {
  readonly spatial: number;
  readonly temporal: number;
}

/** What was counted of a stream since its start; a jitter and a round trip are as last seen. */
export interface TrackSample {
  readonly packets: number;
  readonly bytes: number;
  /** Less what came when it was sent again (RFC 3550 section 6.4.1), as the last report says: it may fall. */
  readonly lost: number;
  /** Undefined: not told, as of what is sent. */
  readonly jitterMs: number | undefined;
  readonly rttMs: number | undefined;
  readonly nacks: number;
  readonly plis: number;
  /** mediasoup's, 0 to 10, from loss and retransmissions. */
  readonly score: number;
}

export interface EnginePipe {
  /** What the producer is called on the other router: not as at home. */
  readonly producerId: string;
  close(): void;
}

export interface NodePipeListen {
  /** What is bound. */
  readonly ip: string;
  /** What the other node is told to send to. */
  readonly announced: string;
  readonly portMin: number;
  readonly portMax: number;
}

/** What the other end of a pipe between nodes has to know: SRTP (RFC 3711) with a key of this end. */
export interface NodePipeEnd {
  readonly ip: string;
  readonly port: number;
  /** As in `AEAD_AES_256_GCM` (RFC 7714). */
  readonly cryptoSuite: string;
  /** Key and salt. */
  readonly keyBase64: string;
}

/** One end of the way of a room's tracks between two nodes; both ends may send and receive. Nothing tells that the other end is gone. */
export interface EngineNodePipe {
  readonly end: NodePipeEnd;
  /** Once. @throws {AppError} MEDIA_UNAVAILABLE for what cannot be an end. */
  connect(other: NodePipeEnd): Promise<void>;
  /** Sends a producer of this router; nothing flows while it is paused. It ends with it. @throws {AppError} PRODUCER_NOT_FOUND */
  send(producerId: string): Promise<EngineNodeTrack>;
  /**
   * What the other end sends becomes a producer of this router with an id of the caller's choice, by the parameters that the
   * other end's `send` answered. @throws {AppError} RTP_PARAMETERS_REFUSED, CANNOT_CONSUME
   */
  receive(options: {
    readonly id: string;
    readonly kind: MediaKind;
    readonly rtpParameters: RtpParameters;
    readonly paused: boolean;
  }): Promise<EngineProducer>;
  /** With all that it sends and receives. */
  close(): void;
}

export interface EngineNodeTrack {
  readonly kind: MediaKind;
  /** As they are on the pipe. */
  readonly rtpParameters: RtpParameters;
  readonly paused: boolean;
  /** Nothing flows; the other end is not told. */
  pause(): Promise<void>;
  /** Asks the producer of a video for a key frame. */
  resume(): Promise<void>;
  close(): void;
}

export interface TapTarget {
  readonly ip: string;
  readonly port: number;
}

export interface EngineTap {
  /** The source port of what it sends: tells taps apart at the socket. */
  readonly localPort: number;
  /** @throws {AppError} CANNOT_CONSUME, PRODUCER_NOT_FOUND */
  consume(options: { readonly producerId: string; readonly paused: boolean }): Promise<EngineTapTrack>;
  close(): void;
}

export interface EngineTapTrack {
  readonly id: string;
  /** With the SSRC and payload type that come. */
  readonly rtpParameters: RtpParameters;
  resume(): Promise<void>;
  requestKeyFrame(): Promise<void>;
  close(): void;
}

/** The socket whose packets are taken; those of others are dropped. */
export interface SourceOrigin {
  readonly ip: string;
  readonly port: number;
}

/** Nothing tells that the socket is gone: packets just stop. */
export interface EngineSource {
  readonly id: string;
  readonly selectedProtocol: 'udp';
  /** Where packets are to be sent. */
  readonly target: TapTarget;
  /**
   * Each producer has an SSRC of its own; how loud it is is known by the audio level in its packets (RFC 6464) alone.
   * @throws {AppError} RTP_PARAMETERS_REFUSED, CANNOT_CONSUME for a codec that the router does not speak.
   */
  produce(options: { kind: MediaKind; rtpParameters: RtpParameters; paused: boolean }): Promise<EngineProducer>;
  /** The other way: sends a track to the socket. @throws {AppError} CANNOT_CONSUME, PRODUCER_NOT_FOUND */
  consume: EngineTap['consume'];
  /** With its producers and what it sends. */
  close(): void;
}

/** RFC 8832 section 5.1, without its priority. */
export interface DataChannel {
  readonly ordered: boolean;
  readonly maxRetransmits?: number | undefined;
}

export interface EngineDataHubEvents {
  message: { readonly dataProducerId: string; readonly data: Buffer };
}

/** One for each router: hears what clients send, and says things to all or some of them. */
export interface EngineDataHub {
  /** What `consumeData` is to be asked for. */
  readonly reliableId: string;
  readonly lossyId: string;
  readonly events: Listening<EngineDataHubEvents>;
  listen(dataProducerId: string): Promise<void>;
  /** To everybody when `subchannels` is undefined. */
  send(message: {
    readonly reliable: boolean;
    readonly data: Uint8Array;
    readonly subchannels: readonly number[] | undefined;
  }): void;
  close(): void;
}
