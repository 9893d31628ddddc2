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
} from '../proto/gen/types.ts';
import type { MediaKind, MediaStats, PreferredLayers } from './media.ts';

/** What the engine itself can say of MediaStats; rooms and their objects are counted by their owner. */
export type EngineStats = Pick<
  MediaStats,
  'workers' | 'workerDeaths' | 'receivedPackets' | 'receivedBytes' | 'forwardedPackets' | 'forwardedBytes'
>;

type Listening<Events extends object> = Pick<Emitter<Events>, 'on' | 'once'>;

/** A pool of workers that routers are placed on. */
export interface MediaEngine {
  /** What every router can receive and send. */
  readonly rtpCapabilities: RtpCapabilities;
  /** True when at least one worker can take routers. */
  readonly ready: boolean;
  /** The addresses that clients are told to send media to. */
  readonly announcedAddresses: readonly string[];
  /** Resolves as soon as a worker can take routers. @throws {AppError} MEDIA_UNAVAILABLE when the engine closes first. */
  whenReady(): Promise<void>;
  /**
   * The process is stopping: a signal to its whole group, as from a terminal or systemd, ends workers too, which is no
   * failure from now on. Their places are still filled, for calls that may go on until the engine closes.
   */
  drain(): void;
  /** Opens a router on the least loaded worker. @throws {AppError} MEDIA_UNAVAILABLE at once when there is no worker. */
  createRouter(): Promise<EngineRouter>;
  stats(): Promise<EngineStats>;
  /** Ends the workers, with force when they do not end by themselves. */
  close(): Promise<void>;
}

export interface EngineRouterEvents {
  /** Emitted once, when the router's worker died. All that stood on the router is gone by then. */
  died: { workerPid: number };
  /** Emitted when another producer is the loudest; undefined when none is heard. */
  speakerChanged: { producerId: string | undefined };
}

export interface EngineRouter {
  readonly workerPid: number;
  readonly events: Listening<EngineRouterEvents>;
  /** Makes a WebRTC transport that waits for its client: ICE-lite over UDP and TCP, media only. */
  createTransport(): Promise<EngineTransport>;
  /** Whether a client of these capabilities can receive the producer; false for a producer that is not there. */
  canConsume(producerId: string, rtpCapabilities: RtpCapabilities): boolean;
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
  readonly events: Listening<EngineTransportEvents>;
  /** Takes the client's side; once. @throws {AppError} DTLS_PARAMETERS_REFUSED */
  connect(dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(): Promise<IceParameters>;
  /** @throws {AppError} RTP_PARAMETERS_REFUSED */
  produce(options: { kind: MediaKind; rtpParameters: RtpParameters; paused: boolean }): Promise<EngineProducer>;
  /** The consumer starts paused. @throws {AppError} CANNOT_CONSUME */
  consume(options: { producerId: string; rtpCapabilities: RtpCapabilities }): Promise<EngineConsumer>;
  /** Closes its producers and consumers with it. */
  close(): void;
}

/** A track that comes in. Pausing and resuming take effect in the order in which they are called. */
export interface EngineProducer {
  readonly id: string;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends its consumers too, wherever they are; they need not be closed. */
  close(): void;
}

export interface EngineConsumerEvents {
  /** Emitted when other layers of the producer are forwarded; -1 for none. */
  layersChanged: { spatialLayer: number; temporalLayer: number };
}

/** A track that goes out. */
export interface EngineConsumer {
  readonly id: string;
  readonly rtpParameters: RtpParameters;
  readonly events: Listening<EngineConsumerEvents>;
  pause(): Promise<void>;
  /** Asks the producer of a video for a key frame, so that the client has a picture at once. */
  resume(): Promise<void>;
  setPreferredLayers(layers: PreferredLayers): Promise<void>;
  close(): void;
}
