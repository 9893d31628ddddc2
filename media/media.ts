// The public face of the SFU. It knows peers as opaque ids and nothing of people: who may do what is decided by its
// callers. Everything asynchronous rejects with AppError (MEDIA_UNAVAILABLE while a room has no worker).

import type { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type {
  ConsumeResponse,
  ConsumerView,
  CreateTransportResponse,
  DtlsParameters,
  IceParameters,
  OpenDataResponse,
  PeerQuality,
  ProducerInfo,
  QualityReport,
  RtpCapabilities,
  RtpParameters,
} from '../proto/gen/types.ts';
import type { PayloadTypes, SourceOrigin, TapTarget } from './engine.ts';
import type { Lock, OwnerLocks } from './mutes.ts';
import type { RemoteTracks } from './remote-tracks.ts';

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
  /** What ICE has selected; `none` before that. Through a relay it is how the relay sends: UDP. */
  readonly transportsBy: TransportCounts;
  readonly producers: number;
  readonly consumers: number;
  /** RTP that reached and left this node since the start, as last read: a few seconds old, and never less than before. */
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly forwardedPackets: number;
  readonly forwardedBytes: number;
}

/** By protocol. */
export type TransportCounts = Readonly<Record<'udp' | 'tcp' | 'none', number>>;

/** Emitted in the order in which things happened; ids that are named first here were never named before. */
export interface RoomMediaEvents {
  /** Emitted when a peer started to send a track. `replaces`: in the place of that one, which its owner is about to end. */
  producerAdded: { peerId: PeerId; producer: ProducerInfo; replaces?: string | undefined };
  /** Emitted when a producer was paused, resumed, muted or unmuted. */
  producerChanged: { peerId: PeerId; producer: ProducerInfo };
  /** Emitted when a producer ended, whoever ended it; not for the producers that a reset or removePeer ends. */
  producerClosed: { peerId: PeerId; producerId: string };
  /**
   * Emitted when a consumer ended because its producer or transport did (`ended`), or because it does not flow and its owner
   * is to consume the same producer again (`restart`); not when its owner closed it.
   */
  consumerClosed: { peerId: PeerId; consumerId: string; reason: 'ended' | 'restart' };
  /** Emitted when a consumer gets other layers; -1 for none. */
  consumerLayersChanged: { peerId: PeerId; consumerId: string; spatialLayer: number; temporalLayer: number };
  /** Emitted when a transport of a peer died (ICE or DTLS failed); its producers and consumers end with it. */
  transportClosed: { peerId: PeerId; transportId: string };
  /** Emitted when another peer is the loudest; undefined when nobody speaks. */
  activeSpeakerChanged: { peerId: PeerId | undefined };
  /** Emitted when other voices are heard; the loudest first. */
  speakersChanged: { peerIds: readonly PeerId[] };
  /** Emitted when the highest layer that anybody shows of a producer changed; -1: nobody shows it. */
  layerWanted: { peerId: PeerId; producerId: string; spatialLayer: number };
  /** Emitted with the peers whose quality changed. */
  qualityChanged: { peers: readonly PeerQuality[] };
  /**
   * Emitted when a worker died and its peers can start over: everything that `peerIds` had is gone, and nothing else is
   * emitted of it. `producers` are those of them that others knew. Their consumers at other peers get consumerClosed before.
   */
  reset: {
    epoch: number;
    peerIds: readonly PeerId[];
    producers: readonly { readonly peerId: PeerId; readonly producerId: string }[];
  };
}

export interface TransportRequest {
  readonly direction: 'send' | 'recv';
  /** What the client can receive: needed for `recv`, and checked before anything reaches a worker. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
  /** With SCTP. */
  readonly data?: boolean | undefined;
  /** It dies when its client is not connected by then. Undefined: it waits. */
  readonly connectWithinMs?: number | undefined;
  /** On a router of these payload types, for a client that has fixed them in an offer to receive. */
  readonly payloadTypes?: PayloadTypes | undefined;
}

/** Where a client relays is the callers' to add. */
export type MadeTransport = Omit<CreateTransportResponse, 'iceServers' | 'relayOnly'>;

/** In pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
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
  /** Of a picture at its largest, where it is known. */
  readonly size?: PixelSize | undefined;
  /** The frames are end-to-end encrypted: only what is clear of them can be read here. */
  readonly encrypted?: boolean | undefined;
  /** The track of the same source that it takes the place of: that one is not ended by it, but by its owner. */
  readonly replaces?: string | undefined;
}

export interface ConsumeRequest {
  readonly transportId: string;
  readonly producerId: string;
  readonly view?: ConsumerView | undefined;
  /** Where the caller writes the session descriptions; otherwise the engine chooses. */
  readonly mid?: string | undefined;
}

/** Indexes from 0; `temporalLayer` undefined for the highest. */
export interface PreferredLayers {
  readonly spatialLayer: number;
  readonly temporalLayer: number | undefined;
}

/** What is sent in a room, as plain RTP to a socket, whichever workers it stands on. */
export interface RoomTap {
  readonly events: Pick<Emitter<RoomTapEvents>, 'on' | 'once'>;
  /**
   * Starts paused. Ends with its producer, without a word. A track of another node that cannot be had at the moment is waited for.
   * @throws {AppError} PRODUCER_NOT_FOUND, CANNOT_CONSUME
   */
  add(producerId: string): Promise<RoomTapTrack>;
  close(): void;
}

export interface RoomTapEvents {
  /** Emitted when a worker died; their producers come back as other ones. */
  lost: { producerIds: readonly string[] };
  /** Emitted when a track of another node does not come any more by the way it came, but goes on there: it can be added again. */
  interrupted: { producerId: string };
}

export interface RoomTapTrack {
  readonly rtpParameters: RtpParameters;
  /** The source port of its packets. */
  readonly localPort: number;
  resume(): Promise<void>;
  requestKeyFrame(): Promise<void>;
  close(): void;
}

/** Where a process of this machine brings tracks of a peer, as plain RTP from one socket. Ends with its worker (see `reset`) and with its peer. */
export interface RoomSource {
  /** Where packets are to be sent. */
  readonly target: TapTarget;
  /** As RoomMedia.produce; by an SSRC of its own, and with the audio level in each packet (RFC 6464) so that it is heard of. */
  produce(request: Omit<ProduceRequest, 'transportId'>): Promise<ProducerInfo>;
  /** Others are told of its producers. */
  close(): void;
}

/** The media of one room: who sends and receives what. */
export interface RoomMedia {
  readonly events: Pick<Emitter<RoomMediaEvents>, 'on' | 'once'>;
  /** Grows with each reset. */
  readonly epoch: number;
  /** The epoch of the last reset that the peer was in; of one that was in none: any that it may be told first. */
  epochOf(peerId: PeerId): number;
  /** Whose voices are heard now, the loudest first. */
  readonly speakers: readonly PeerId[];

  createTransport(peerId: PeerId, request: TransportRequest): Promise<MadeTransport>;
  connectTransport(peerId: PeerId, transportId: string, dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(peerId: PeerId, transportId: string): Promise<IceParameters>;
  /**
   * Closed by its owner, with what is on it: of its producers everybody is told, of its consumers nobody. Answers which those
   * were.
   */
  closeTransport(peerId: PeerId, transportId: string): readonly string[];

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
  /** Undefined: no peer of this node has it. */
  lockableOf(producerId: string): { readonly owner: string; readonly lock: Lock } | undefined;
  /** From now on these locks hold, and no others. */
  holdLocks(locks: readonly OwnerLocks[]): Promise<void>;
  producersOf(peerId: PeerId): readonly ProducerInfo[];
  /** Of all peers, for whoever follows the room as a whole. */
  allProducers(): readonly { readonly peerId: PeerId; readonly producer: ProducerInfo }[];
  setProducerSize(peerId: PeerId, producerId: string, size: PixelSize): void;
  /** The highest layer that anybody shows; -1: nobody shows it. Undefined: all are wanted. */
  wantedLayerOf(producerId: string): number | undefined;

  /** The consumer starts paused. A peer cannot consume what it produces. */
  consume(peerId: PeerId, request: ConsumeRequest): Promise<ConsumeResponse>;
  pauseConsumer(peerId: PeerId, consumerId: string): Promise<void>;
  resumeConsumer(peerId: PeerId, consumerId: string): Promise<void>;
  closeConsumer(peerId: PeerId, consumerId: string): void;
  setPreferredLayers(peerId: PeerId, consumerId: string, layers: PreferredLayers): Promise<void>;
  /** What follows from it follows a moment later. */
  setConsumerView(peerId: PeerId, consumerId: string, view: ConsumerView): void;
  /** The client decodes nothing of a consumer that should flow. */
  reportStall(peerId: PeerId, consumerId: string): void;

  /** What a client measured itself. */
  reportQuality(peerId: PeerId, report: Pick<QualityReport, 'tracks' | 'path'>): void;
  /** As last told by qualityChanged, of each peer that is there. */
  quality(): readonly PeerQuality[];

  /** Undefined: tracks of other nodes are not brought here. */
  readonly remoteTracks?: RemoteTracks | undefined;

  openTap(target: TapTarget): RoomTap;
  /** @throws {AppError} MEDIA_UNAVAILABLE, NODE_OVERLOADED, TOO_MANY_MEDIA_OBJECTS */
  openSource(peerId: PeerId, from: SourceOrigin): Promise<RoomSource>;
  /** @throws {AppError} TRANSPORT_NOT_FOUND, TRANSPORT_WRONG_DIRECTION, DATA_REFUSED for a transport that was made without. */
  openData(
    peerId: PeerId,
    request: { readonly sendTransportId: string | undefined; readonly recvTransportId: string | undefined },
  ): Promise<OpenDataResponse>;

  /**
   * Closes everything of a peer that left, and forgets its mutes, not its owner's locks. Others' consumers of its producers get consumerClosed.
   * Calls of the peer that are under way fail with NOT_IN_ROOM; it makes no more.
   */
  removePeer(peerId: PeerId): void;
  close(): void;
}
