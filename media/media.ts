// The public face of the SFU. It knows peers as opaque ids and nothing of people: who may do what is decided by its
// callers. Everything asynchronous rejects with AppError (MEDIA_UNAVAILABLE while a room has no worker).

import type { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type {
  ConsumeResponse,
  CreateTransportResponse,
  DtlsParameters,
  IceParameters,
  ProducerInfo,
  RtpCapabilities,
  RtpParameters,
} from '../proto/gen/types.ts';

export type TrackSource = ProducerInfo['source'];
export type MediaKind = ProducerInfo['kind'];

/** All media of this node. */
export interface Media {
  /** What every room's router can receive and send. */
  readonly rtpCapabilities: RtpCapabilities;
  /** The addresses that clients are told to send media to, host names among them. */
  readonly announcedAddresses: readonly string[];
  /** Opens the media of a room. Costs nothing until the first transport is made. */
  openRoom(name: string): RoomMedia;
  stats(): Promise<MediaStats>;
  /** True when at least one worker can take rooms. */
  readonly ready: boolean;
  /** Closes rooms, then workers. */
  close(): Promise<void>;
}

export interface MediaStats {
  /** The ones that are alive and answer, in the order of their places. */
  readonly workers: readonly {
    /** From 0; a worker that replaces another has its place. */
    readonly place: number;
    readonly pid: number;
    readonly routers: number;
    /** CPU time since its start, user and system, in seconds. */
    readonly cpuSeconds: number;
    /** Memory now; its peak where the system does not tell. */
    readonly residentBytes: number;
  }[];
  readonly workerDeaths: number;
  /** Rooms that are open here, with a router or without. */
  readonly rooms: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  /** RTP that reached and left this node since the start, as last read: a few seconds old, and never less than before. */
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly forwardedPackets: number;
  readonly forwardedBytes: number;
}

/** Emitted in the order in which things happened; ids that are named first here were never named before. */
export interface RoomMediaEvents {
  /** Emitted when a peer started to send a track. */
  producerAdded: { peerId: PeerId; producer: ProducerInfo };
  /** Emitted when a producer was paused, resumed, muted or unmuted. */
  producerChanged: { peerId: PeerId; producer: ProducerInfo };
  /** Emitted when a producer ended, whoever ended it; not for the producers that a reset or removePeer ends. */
  producerClosed: { peerId: PeerId; producerId: string };
  /** Emitted when a consumer ended because its producer or transport did; not when its owner closed it. */
  consumerClosed: { peerId: PeerId; consumerId: string };
  /** Emitted when a consumer gets other layers; -1 for none. */
  consumerLayersChanged: { peerId: PeerId; consumerId: string; spatialLayer: number; temporalLayer: number };
  /** Emitted when a transport of a peer died (ICE or DTLS failed); its producers and consumers end with it. */
  transportClosed: { peerId: PeerId; transportId: string };
  /** Emitted when another peer is the loudest; undefined when nobody speaks. */
  activeSpeakerChanged: { peerId: PeerId | undefined };
  /** Emitted when the room stands on another worker: everything that it had is gone, nothing else is emitted of it. */
  reset: { epoch: number };
}

export interface TransportRequest {
  readonly direction: 'send' | 'recv';
  /** What the client can receive: needed for `recv`, and checked before anything reaches a worker. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
}

export interface ProduceRequest {
  readonly transportId: string;
  /** Opaque: what a lock of this track holds for. Peers of one person have the same. */
  readonly owner: string;
  readonly kind: MediaKind;
  readonly source: TrackSource;
  readonly rtpParameters: RtpParameters;
  /** Start paused. */
  readonly paused: boolean;
}

/** Indexes from 0; `temporalLayer` undefined for the highest. */
export interface PreferredLayers {
  readonly spatialLayer: number;
  readonly temporalLayer: number | undefined;
}

/** The media of one room: a router on some worker, and who sends and receives what. */
export interface RoomMedia {
  readonly events: Pick<Emitter<RoomMediaEvents>, 'on' | 'once'>;
  /** Grows with each reset. */
  readonly epoch: number;

  createTransport(peerId: PeerId, request: TransportRequest): Promise<CreateTransportResponse>;
  connectTransport(peerId: PeerId, transportId: string, dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(peerId: PeerId, transportId: string): Promise<IceParameters>;

  /**
   * A peer has one producer of each source: producing it again closes the one before, once the new one is there. Only
   * one that has an SSRC or mid of the new one is closed before, and is gone even when the new one is refused.
   */
  produce(peerId: PeerId, request: ProduceRequest): Promise<ProducerInfo>;
  pauseProducer(peerId: PeerId, producerId: string): Promise<void>;
  /** @throws {AppError} PRODUCER_LOCKED when a moderator locked it. */
  resumeProducer(peerId: PeerId, producerId: string): Promise<void>;
  closeProducer(peerId: PeerId, producerId: string): void;
  /**
   * For moderators: any peer's producer. A mute without lock is of this peer and source. A lock is of the owner: of what it
   * sends from this source through any peer, now and later, over resets and until a moderator lifts it or the room closes.
   * Sounds are locked together. Of more than 1,000 owners the one that was locked longest ago is free again.
   */
  muteProducer(producerId: string, options: { muted: boolean; lock: boolean }): Promise<void>;
  producersOf(peerId: PeerId): readonly ProducerInfo[];

  /** The consumer starts paused. A peer cannot consume what it produces. */
  consume(peerId: PeerId, request: { transportId: string; producerId: string }): Promise<ConsumeResponse>;
  pauseConsumer(peerId: PeerId, consumerId: string): Promise<void>;
  resumeConsumer(peerId: PeerId, consumerId: string): Promise<void>;
  closeConsumer(peerId: PeerId, consumerId: string): void;
  setPreferredLayers(peerId: PeerId, consumerId: string, layers: PreferredLayers): Promise<void>;

  /**
   * Closes everything of a peer that left, and forgets its mutes, not its owner's locks. Others' consumers of its producers get consumerClosed.
   * Calls of the peer that are under way fail with NOT_IN_ROOM; it makes no more.
   */
  removePeer(peerId: PeerId): void;
  close(): void;
}
