// Generated from proto/parley/v1 by `npm run gen`. Do not edit.

/** What a format parameter (`a=fmtp`) may be. */
export type JsonScalar = string | number | boolean;

export interface SendMessageRequest {
  room: string;
  text: string;
}

/** What a caller gives for {@link SendMessageRequest}: what is not required may be left out. */
export interface SendMessageRequestInit {
  room: string;
  text: string;
}

export interface SendMessageResponse {
  message: ChatMessage;
}

export interface ChatMessage {
  messageId: string;
  peerId: string;
  identity: string;
  name: string;
  text: string;
  /** When the server took it, in milliseconds since 1970. */
  sentAtMs: number;
}

export interface PeersJoined {
  room: string;
  peers: PeerInfo[];
  peerCount: number;
}

export interface PeersLeft {
  room: string;
  peers: PeerLeft[];
  peerCount: number;
}

export interface PeerLeft {
  peerId: string;
  /** Why: `left`, `lost` (did not come back within the grace period), `removed`, `expired` (its token), `closed` (by the server). */
  reason: 'left' | 'lost' | 'removed' | 'expired' | 'closed';
  /** What it was called: the roster may never have been paged to it. */
  name: string;
}

export interface PeerChanged {
  room: string;
  /** Without its producers. */
  peer: PeerInfo;
}

export interface ChatMessagePosted {
  room: string;
  message: ChatMessage;
}

export interface ProducerAdded {
  room: string;
  peerId: string;
  producer: ProducerInfo;
}

export interface ProducerChanged {
  room: string;
  peerId: string;
  producer: ProducerInfo;
}

export interface ProducerClosed {
  room: string;
  peerId: string;
  producerId: string;
}

export interface ConsumerClosed {
  room: string;
  consumerId: string;
}

export interface ConsumerLayersChanged {
  room: string;
  consumerId: string;
  /** -1: none, nothing is forwarded now. */
  spatialLayer: number;
  temporalLayer: number;
}

export interface ActiveSpeakerChanged {
  room: string;
  /** Empty: nobody speaks. */
  peerId: string;
}

export interface MediaReset {
  room: string;
  mediaEpoch: number;
  routerRtpCapabilities: RtpCapabilities;
}

export interface TransportClosed {
  room: string;
  transportId: string;
}

export interface RoomLeft {
  room: string;
  /** `removed` by a moderator, or `closed` by the server. */
  reason: 'removed' | 'closed';
  explanation: string;
}

export interface TokenExpiring {
  expiresAtMs: number;
}

export interface SessionClosing {
  /** A reason of docs/errors.md, as in TOKEN_EXPIRED or SERVER_DRAINING. */
  reason: string;
  /** Come back after this time; 0: at once. Absent: do not come back without a new token. */
  retryAfterMs?: number | undefined;
}

export interface JoinRequest {
  room: string;
  /**
   * Options of a room that this call creates; needs the grant `moderate`. Of a room that exists they are
   * ignored: the answer says what holds.
   */
  options?: RoomOptions | undefined;
}

/** What a caller gives for {@link JoinRequest}: what is not required may be left out. */
export interface JoinRequestInit {
  room: string;
  /**
   * Options of a room that this call creates; needs the grant `moderate`. Of a room that exists they are
   * ignored: the answer says what holds.
   */
  options?: RoomOptionsInit | undefined;
}

export interface RoomOptions {
  /** How many peers may be in the room at once, at most the server's own limit. */
  maxPeers?: number | undefined;
  /** How long the room stays open with nobody in it. */
  idleTimeoutMs?: number | undefined;
}

/** What a caller gives for {@link RoomOptions}: what is not required may be left out. */
export interface RoomOptionsInit {
  /** How many peers may be in the room at once, at most the server's own limit. */
  maxPeers?: number | undefined;
  /** How long the room stays open with nobody in it. */
  idleTimeoutMs?: number | undefined;
}

/** A room as the caller sees it now. Later changes come as events, in order, on the same connection. */
export interface RoomSnapshot {
  room: string;
  /** The caller's own peer. */
  peerId: string;
  options: RoomOptions;
  /** The caller's grants in this room. */
  grants: string[];
  peerCount: number;
  /**
   * The first page of the roster, without the caller's own peer. Empty where the rooms before it in the answer of a resume
   * have taken the space: then next_page_token leads to everybody.
   */
  peers: PeerInfo[];
  /** Where room.listPeers goes on; empty when this page is the last. */
  nextPageToken: string;
  /** The caller's own producers that are alive (after a resume). */
  ownProducers: ProducerInfo[];
  /** What the room's router can receive and send. */
  routerRtpCapabilities: RtpCapabilities;
  /** Grows each time the room moves to another media worker; transports of an older epoch are gone. */
  mediaEpoch: number;
  /** Whose voice is the loudest now; empty when nobody speaks. */
  activeSpeakerPeerId: string;
}

export interface PeerInfo {
  peerId: string;
  /** Who it is, from the token's `sub`. Two peers of one person share it. */
  identity: string;
  name: string;
  /** Free text from the token, at most 4 KB. */
  metadata: string;
  /** How the peer takes part: through an SDK, or through the plain chat edge. */
  kind: 'client' | 'chat';
  joinedAtMs: number;
  /** The connection is lost and may still come back. */
  away: boolean;
  producers: ProducerInfo[];
}

/** A track that a peer sends. */
export interface ProducerInfo {
  producerId: string;
  kind: 'audio' | 'video';
  source: 'microphone' | 'camera' | 'screen' | 'screen-audio';
  /** Nothing is sent now: paused by its owner or muted by a moderator. */
  paused: boolean;
  /** A moderator muted it. When locked, only a moderator can end that. */
  muted: boolean;
  locked: boolean;
}

export interface LeaveRequest {
  room: string;
}

/** What a caller gives for {@link LeaveRequest}: what is not required may be left out. */
export interface LeaveRequestInit {
  room: string;
}

export type LeaveResponse = Record<string, never>;

export interface ListPeersRequest {
  room: string;
  /** From RoomSnapshot.next_page_token or the page before. */
  pageToken: string;
  /** 0: 100. A page ends earlier when it comes to 256 KB. */
  pageSize: number;
}

/** What a caller gives for {@link ListPeersRequest}: what is not required may be left out. */
export interface ListPeersRequestInit {
  room: string;
  /** From RoomSnapshot.next_page_token or the page before. */
  pageToken: string;
  /** 0: 100. A page ends earlier when it comes to 256 KB. */
  pageSize?: number | undefined;
}

export interface ListPeersResponse {
  peers: PeerInfo[];
  nextPageToken: string;
}

export interface RtpCapabilities {
  codecs: RtpCodecCapability[];
  headerExtensions: RtpHeaderExtension[];
}

/** What a caller gives for {@link RtpCapabilities}: what is not required may be left out. */
export interface RtpCapabilitiesInit {
  codecs?: RtpCodecCapabilityInit[] | undefined;
  headerExtensions?: RtpHeaderExtensionInit[] | undefined;
}

export interface RtpCodecCapability {
  kind: 'audio' | 'video';
  /** As in `audio/opus`. */
  mimeType: string;
  /** RFC 3550 section 5.1: seven bits. */
  preferredPayloadType?: number | undefined;
  clockRate: number;
  channels?: number | undefined;
  /** Format parameters (`a=fmtp`): strings, numbers or booleans. */
  parameters: Record<string, JsonScalar>;
  rtcpFeedback: RtcpFeedback[];
}

/** What a caller gives for {@link RtpCodecCapability}: what is not required may be left out. */
export interface RtpCodecCapabilityInit {
  kind: 'audio' | 'video';
  /** As in `audio/opus`. */
  mimeType: string;
  /** RFC 3550 section 5.1: seven bits. */
  preferredPayloadType?: number | undefined;
  clockRate?: number | undefined;
  channels?: number | undefined;
  /** Format parameters (`a=fmtp`): strings, numbers or booleans. */
  parameters?: Record<string, JsonScalar> | undefined;
  rtcpFeedback?: RtcpFeedbackInit[] | undefined;
}

export interface RtpHeaderExtension {
  kind: '' | 'audio' | 'video';
  uri: string;
  /** RFC 8285: 1 to 14 with one-byte headers, up to 255 with two-byte headers. */
  preferredId: number;
  preferredEncrypt: boolean;
  direction: '' | 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

/** What a caller gives for {@link RtpHeaderExtension}: what is not required may be left out. */
export interface RtpHeaderExtensionInit {
  kind?: '' | 'audio' | 'video' | undefined;
  uri: string;
  /** RFC 8285: 1 to 14 with one-byte headers, up to 255 with two-byte headers. */
  preferredId?: number | undefined;
  preferredEncrypt?: boolean | undefined;
  direction?: '' | 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | undefined;
}

export interface RtpParameters {
  mid?: string | undefined;
  codecs: RtpCodecParameters[];
  headerExtensions: RtpHeaderExtensionParameters[];
  encodings: RtpEncodingParameters[];
  rtcp?: RtcpParameters | undefined;
}

/** What a caller gives for {@link RtpParameters}: what is not required may be left out. */
export interface RtpParametersInit {
  mid?: string | undefined;
  codecs: RtpCodecParametersInit[];
  headerExtensions?: RtpHeaderExtensionParametersInit[] | undefined;
  encodings?: RtpEncodingParametersInit[] | undefined;
  rtcp?: RtcpParametersInit | undefined;
}

export interface RtpCodecParameters {
  mimeType: string;
  payloadType: number;
  clockRate: number;
  channels?: number | undefined;
  parameters: Record<string, JsonScalar>;
  rtcpFeedback: RtcpFeedback[];
}

/** What a caller gives for {@link RtpCodecParameters}: what is not required may be left out. */
export interface RtpCodecParametersInit {
  mimeType: string;
  payloadType?: number | undefined;
  clockRate?: number | undefined;
  channels?: number | undefined;
  parameters?: Record<string, JsonScalar> | undefined;
  rtcpFeedback?: RtcpFeedbackInit[] | undefined;
}

export interface RtcpFeedback {
  type: string;
  parameter: string;
}

/** What a caller gives for {@link RtcpFeedback}: what is not required may be left out. */
export interface RtcpFeedbackInit {
  type: string;
  parameter?: string | undefined;
}

export interface RtpHeaderExtensionParameters {
  uri: string;
  id: number;
  encrypt: boolean;
  parameters: Record<string, JsonScalar>;
}

/** What a caller gives for {@link RtpHeaderExtensionParameters}: what is not required may be left out. */
export interface RtpHeaderExtensionParametersInit {
  uri: string;
  id?: number | undefined;
  encrypt?: boolean | undefined;
  parameters?: Record<string, JsonScalar> | undefined;
}

export interface RtpEncodingParameters {
  ssrc?: number | undefined;
  rid?: string | undefined;
  codecPayloadType?: number | undefined;
  rtx?: RtxParameters | undefined;
  dtx?: boolean | undefined;
  /** As in `L1T3`; see the W3C draft on scalable video coding. */
  scalabilityMode?: string | undefined;
  /** Bits per second. */
  maxBitrate?: number | undefined;
  maxFramerate?: number | undefined;
  scaleResolutionDownBy?: number | undefined;
  active?: boolean | undefined;
}

/** What a caller gives for {@link RtpEncodingParameters}: what is not required may be left out. */
export interface RtpEncodingParametersInit {
  ssrc?: number | undefined;
  rid?: string | undefined;
  codecPayloadType?: number | undefined;
  rtx?: RtxParametersInit | undefined;
  dtx?: boolean | undefined;
  /** As in `L1T3`; see the W3C draft on scalable video coding. */
  scalabilityMode?: string | undefined;
  /** Bits per second. */
  maxBitrate?: number | undefined;
  maxFramerate?: number | undefined;
  scaleResolutionDownBy?: number | undefined;
  active?: boolean | undefined;
}

export interface RtxParameters {
  ssrc: number;
}

/** What a caller gives for {@link RtxParameters}: what is not required may be left out. */
export interface RtxParametersInit {
  ssrc?: number | undefined;
}

export interface RtcpParameters {
  /** RFC 3550 section 6.5.1. It goes into the SDP of every receiver, so nothing in it may end a line or a word. */
  cname?: string | undefined;
  reducedSize?: boolean | undefined;
}

/** What a caller gives for {@link RtcpParameters}: what is not required may be left out. */
export interface RtcpParametersInit {
  /** RFC 3550 section 6.5.1. It goes into the SDP of every receiver, so nothing in it may end a line or a word. */
  cname?: string | undefined;
  reducedSize?: boolean | undefined;
}

/** RFC 8445. */
export interface IceParameters {
  usernameFragment: string;
  password: string;
  iceLite: boolean;
}

export interface IceCandidate {
  foundation: string;
  priority: number;
  address: string;
  ip: string;
  protocol: 'udp' | 'tcp';
  port: number;
  type: 'host';
  tcpType?: string | undefined;
}

/** RFC 8122 and RFC 8842. */
export interface DtlsParameters {
  role: '' | 'auto' | 'client' | 'server';
  fingerprints: DtlsFingerprint[];
}

/** What a caller gives for {@link DtlsParameters}: what is not required may be left out. */
export interface DtlsParametersInit {
  role?: '' | 'auto' | 'client' | 'server' | undefined;
  fingerprints: DtlsFingerprintInit[];
}

export interface DtlsFingerprint {
  algorithm: 'sha-1' | 'sha-224' | 'sha-256' | 'sha-384' | 'sha-512';
  /** Hexadecimal octets with colons between them. */
  value: string;
}

/** What a caller gives for {@link DtlsFingerprint}: what is not required may be left out. */
export interface DtlsFingerprintInit {
  algorithm: 'sha-1' | 'sha-224' | 'sha-256' | 'sha-384' | 'sha-512';
  /** Hexadecimal octets with colons between them. */
  value: string;
}

/** Why a call failed. docs/errors.md lists every reason. */
export interface Error {
  /** One of gRPC's sixteen codes, as in NOT_FOUND. */
  code: string;
  /** The stable name of what happened, as in ROOM_FULL. Never reused for something else. */
  reason: string;
  /** A sentence for a developer. */
  message: string;
  /** What the sentence is about: the field, the limit, the id. */
  details: Record<string, string>;
  /** When to try again, in milliseconds. 0: the server does not know. */
  retryAfterMs: number;
}

export interface CreateTransportRequest {
  room: string;
  direction: 'send' | 'recv';
  /** What the client can receive; required for `recv`. */
  rtpCapabilities?: RtpCapabilities | undefined;
}

/** What a caller gives for {@link CreateTransportRequest}: what is not required may be left out. */
export interface CreateTransportRequestInit {
  room: string;
  direction: 'send' | 'recv';
  /** What the client can receive; required for `recv`. */
  rtpCapabilities?: RtpCapabilitiesInit | undefined;
}

export interface CreateTransportResponse {
  transportId: string;
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  dtlsParameters: DtlsParameters;
}

export interface ConnectTransportRequest {
  room: string;
  transportId: string;
  dtlsParameters: DtlsParameters;
}

/** What a caller gives for {@link ConnectTransportRequest}: what is not required may be left out. */
export interface ConnectTransportRequestInit {
  room: string;
  transportId: string;
  dtlsParameters: DtlsParametersInit;
}

export type ConnectTransportResponse = Record<string, never>;

export interface RestartIceRequest {
  room: string;
  transportId: string;
}

/** What a caller gives for {@link RestartIceRequest}: what is not required may be left out. */
export interface RestartIceRequestInit {
  room: string;
  transportId: string;
}

export interface RestartIceResponse {
  iceParameters: IceParameters;
}

export interface ProduceRequest {
  room: string;
  transportId: string;
  kind: 'audio' | 'video';
  source: 'microphone' | 'camera' | 'screen' | 'screen-audio';
  rtpParameters: RtpParameters;
  /** Start paused. */
  paused: boolean;
}

/** What a caller gives for {@link ProduceRequest}: what is not required may be left out. */
export interface ProduceRequestInit {
  room: string;
  transportId: string;
  kind: 'audio' | 'video';
  source: 'microphone' | 'camera' | 'screen' | 'screen-audio';
  rtpParameters: RtpParametersInit;
  /** Start paused. */
  paused?: boolean | undefined;
}

export interface ProduceResponse {
  producerId: string;
  /**
   * A moderator had muted or locked what the caller sends from this source before it was there. Changes come as
   * producerChanged.
   */
  muted: boolean;
  locked: boolean;
}

export interface ProducerRequest {
  room: string;
  producerId: string;
}

/** What a caller gives for {@link ProducerRequest}: what is not required may be left out. */
export interface ProducerRequestInit {
  room: string;
  producerId: string;
}

export type ProducerResponse = Record<string, never>;

export interface ConsumeRequest {
  room: string;
  /** A transport of direction `recv`. */
  transportId: string;
  producerId: string;
}

/** What a caller gives for {@link ConsumeRequest}: what is not required may be left out. */
export interface ConsumeRequestInit {
  room: string;
  /** A transport of direction `recv`. */
  transportId: string;
  producerId: string;
}

export interface ConsumeResponse {
  consumerId: string;
  producerId: string;
  kind: 'audio' | 'video';
  rtpParameters: RtpParameters;
  producerPaused: boolean;
}

export interface ConsumerRequest {
  room: string;
  consumerId: string;
}

/** What a caller gives for {@link ConsumerRequest}: what is not required may be left out. */
export interface ConsumerRequestInit {
  room: string;
  consumerId: string;
}

export type ConsumerResponse = Record<string, never>;

export interface SetPreferredLayersRequest {
  room: string;
  consumerId: string;
  spatialLayer: number;
  /** Absent: the highest. */
  temporalLayer?: number | undefined;
}

/** What a caller gives for {@link SetPreferredLayersRequest}: what is not required may be left out. */
export interface SetPreferredLayersRequestInit {
  room: string;
  consumerId: string;
  spatialLayer?: number | undefined;
  /** Absent: the highest. */
  temporalLayer?: number | undefined;
}

export interface MuteProducerRequest {
  room: string;
  producerId: string;
  muted: boolean;
  /**
   * With muted: only a moderator can unmute it. A lock is of the identity and the source: it holds for whatever the identity
   * sends from there, through any of its peers, also after it left and joined again, until a moderator lifts it on any such
   * track or the room closes. `microphone` and `screen-audio` are locked together.
   */
  lock: boolean;
}

/** What a caller gives for {@link MuteProducerRequest}: what is not required may be left out. */
export interface MuteProducerRequestInit {
  room: string;
  producerId: string;
  muted?: boolean | undefined;
  /**
   * With muted: only a moderator can unmute it. A lock is of the identity and the source: it holds for whatever the identity
   * sends from there, through any of its peers, also after it left and joined again, until a moderator lifts it on any such
   * track or the room closes. `microphone` and `screen-audio` are locked together.
   */
  lock?: boolean | undefined;
}

export type MuteProducerResponse = Record<string, never>;

export interface RemovePeerRequest {
  room: string;
  peerId: string;
  /** Shown to the peer that is removed. */
  explanation: string;
}

/** What a caller gives for {@link RemovePeerRequest}: what is not required may be left out. */
export interface RemovePeerRequestInit {
  room: string;
  peerId: string;
  /** Shown to the peer that is removed. */
  explanation?: string | undefined;
}

export interface RemovePeerResponse {
  identity: string;
}

export interface AllowIdentityRequest {
  room: string;
  identity: string;
}

/** What a caller gives for {@link AllowIdentityRequest}: what is not required may be left out. */
export interface AllowIdentityRequestInit {
  room: string;
  identity: string;
}

export interface AllowIdentityResponse {
  /** False when the identity was not kept out. */
  wasRemoved: boolean;
}

export interface ListRemovedRequest {
  room: string;
}

/** What a caller gives for {@link ListRemovedRequest}: what is not required may be left out. */
export interface ListRemovedRequestInit {
  room: string;
}

export interface ListRemovedResponse {
  identities: string[];
}

/** What the upgrade request of a plain chat connection asks for: `/chat?room=…&user=…`. */
export interface PlainChatQuery {
  room: string;
  /**
   * How a guest wants to be called, without control characters and what turns the direction of text around. Ignored where a
   * token says the name.
   */
  user: string;
  token: string;
}

/**
 * What a plain chat client sends, as JSON text. What comes back has the same shape: `message` (with `id` and `at` besides),
 * `join` and `leave` (with `user`), `error` (with `reason` and `content`).
 */
export interface PlainChatMessage {
  type: 'message';
  content: string;
  /** How a guest that has no name yet wants to be called. Ignored afterwards, and where a token says the name. */
  user: string;
}

export interface ConnectRequest {
  /** The JSON Web Token. Empty when the upgrade request carried one. */
  token: string;
  client?: ClientInfo | undefined;
  /** Set to come back to a session within its grace period. */
  resume?: ResumeRequest | undefined;
}

/** What a caller gives for {@link ConnectRequest}: what is not required may be left out. */
export interface ConnectRequestInit {
  /** The JSON Web Token. Empty when the upgrade request carried one. */
  token?: string | undefined;
  client?: ClientInfoInit | undefined;
  /** Set to come back to a session within its grace period. */
  resume?: ResumeRequestInit | undefined;
}

/** What the client says of itself, for logs and support. */
export interface ClientInfo {
  name: string;
  version: string;
}

/** What a caller gives for {@link ClientInfo}: what is not required may be left out. */
export interface ClientInfoInit {
  name?: string | undefined;
  version?: string | undefined;
}

export interface ResumeRequest {
  sessionId: string;
  /** What ConnectResponse.resume_secret said. */
  secret: string;
}

/** What a caller gives for {@link ResumeRequest}: what is not required may be left out. */
export interface ResumeRequestInit {
  sessionId: string;
  /** What ConnectResponse.resume_secret said. */
  secret: string;
}

export interface ConnectResponse {
  sessionId: string;
  /** Proves the right to come back to this session; valid for one use, each connect gives a new one. */
  resumeSecret: string;
  /** True when the session of the request's `resume` goes on: its peers and transports are as they were. */
  resumed: boolean;
  identity: string;
  name: string;
  /** When the token is not accepted any more, the server's leeway included, in milliseconds since 1970. */
  expiresAtMs: number;
  /** Send session.ping at least this often. */
  pingIntervalMs: number;
  /** How long the session outlives a lost connection. */
  resumeGraceMs: number;
  /** The largest frame that the server accepts, in bytes. */
  maxFrameBytes: number;
  serverVersion: string;
  /** The rooms of a resumed session, as they are now. */
  rooms: RoomSnapshot[];
}

export interface RefreshRequest {
  token: string;
}

/** What a caller gives for {@link RefreshRequest}: what is not required may be left out. */
export interface RefreshRequestInit {
  token: string;
}

export interface RefreshResponse {
  expiresAtMs: number;
}

export interface PingRequest {
  payload: string;
}

/** What a caller gives for {@link PingRequest}: what is not required may be left out. */
export interface PingRequestInit {
  payload?: string | undefined;
}

export interface PingResponse {
  payload: string;
}

/** Every method: what is sent (`init`), what the handler gets (`request`), what comes back (`response`). */
export interface Methods {
  /** Sends a message to everyone in the room, the sender included (as the event chatMessage). */
  'chat.send': { init: SendMessageRequestInit; request: SendMessageRequest; response: SendMessageResponse };
  /** Joins a room, which is created when it does not exist. A session is in a room at most once. */
  'room.join': { init: JoinRequestInit; request: JoinRequest; response: RoomSnapshot };
  /** Leaves a room. Transports, producers and consumers of the peer are closed. */
  'room.leave': { init: LeaveRequestInit; request: LeaveRequest; response: LeaveResponse };
  /** The next page of the roster, in the order of joining. */
  'room.listPeers': { init: ListPeersRequestInit; request: ListPeersRequest; response: ListPeersResponse };
  /** Makes a WebRTC transport: one to send, one to receive. */
  'media.createTransport': { init: CreateTransportRequestInit; request: CreateTransportRequest; response: CreateTransportResponse };
  /** Gives the client's DTLS parameters; the handshake follows on the media path. */
  'media.connectTransport': { init: ConnectTransportRequestInit; request: ConnectTransportRequest; response: ConnectTransportResponse };
  /** New ICE credentials for a transport, after the network changed. */
  'media.restartIce': { init: RestartIceRequestInit; request: RestartIceRequest; response: RestartIceResponse };
  /** Sends a track. Which grant it needs depends on the source: publish:audio, publish:video or publish:screen. */
  'media.produce': { init: ProduceRequestInit; request: ProduceRequest; response: ProduceResponse };
  'media.pauseProducer': { init: ProducerRequestInit; request: ProducerRequest; response: ProducerResponse };
  /** Fails with PRODUCER_LOCKED when a moderator locked it. */
  'media.resumeProducer': { init: ProducerRequestInit; request: ProducerRequest; response: ProducerResponse };
  'media.closeProducer': { init: ProducerRequestInit; request: ProducerRequest; response: ProducerResponse };
  /** Receives a track of another peer. The consumer starts paused: resume it when the client is ready for packets. */
  'media.consume': { init: ConsumeRequestInit; request: ConsumeRequest; response: ConsumeResponse };
  'media.pauseConsumer': { init: ConsumerRequestInit; request: ConsumerRequest; response: ConsumerResponse };
  'media.resumeConsumer': { init: ConsumerRequestInit; request: ConsumerRequest; response: ConsumerResponse };
  'media.closeConsumer': { init: ConsumerRequestInit; request: ConsumerRequest; response: ConsumerResponse };
  /** Which layers of a simulcast or SVC producer to receive at most. */
  'media.setPreferredLayers': { init: SetPreferredLayersRequestInit; request: SetPreferredLayersRequest; response: ConsumerResponse };
  /** Mutes a producer of any peer, or lifts that. */
  'moderation.muteProducer': { init: MuteProducerRequestInit; request: MuteProducerRequest; response: MuteProducerResponse };
  /** Removes a peer. Its identity stays out of this room until moderation.allowIdentity. */
  'moderation.removePeer': { init: RemovePeerRequestInit; request: RemovePeerRequest; response: RemovePeerResponse };
  /** Lets an identity that was removed join again. */
  'moderation.allowIdentity': { init: AllowIdentityRequestInit; request: AllowIdentityRequest; response: AllowIdentityResponse };
  /** Who is kept out of the room. */
  'moderation.listRemoved': { init: ListRemovedRequestInit; request: ListRemovedRequest; response: ListRemovedResponse };
  /** Authenticates the connection, or comes back to a session whose connection was lost. The first call. */
  'session.connect': { init: ConnectRequestInit; request: ConnectRequest; response: ConnectResponse };
  /** Replaces the session's token before it expires. The identity must stay the same. */
  'session.refresh': { init: RefreshRequestInit; request: RefreshRequest; response: RefreshResponse };
  /** Answers with the payload. Keeps proxies from closing an idle connection and measures the round trip. */
  'session.ping': { init: PingRequestInit; request: PingRequest; response: PingResponse };
}

export type MethodName = keyof Methods;

/** Every event that the server sends, by its name. */
export interface Events {
  /** Peers came into a room; several at once when they came together. */
  peersJoined: PeersJoined;
  /** Peers left a room. */
  peersLeft: PeersLeft;
  /** A peer's name changed, or its connection was lost or came back. */
  peerChanged: PeerChanged;
  chatMessage: ChatMessagePosted;
  /** A peer started to send a track. */
  producerAdded: ProducerAdded;
  /** A track was paused, resumed, muted or unmuted. */
  producerChanged: ProducerChanged;
  producerClosed: ProducerClosed;
  /** A consumer of the caller ended by the server: its producer or its transport is gone. */
  consumerClosed: ConsumerClosed;
  /** The layers that a consumer of the caller gets now. */
  consumerLayersChanged: ConsumerLayersChanged;
  /** Another voice is the loudest. */
  activeSpeakerChanged: ActiveSpeakerChanged;
  /** The room's media moved to another worker: make transports anew, send and receive again. */
  mediaReset: MediaReset;
  /** A transport of the caller is dead (ICE or DTLS failed). */
  transportClosed: TransportClosed;
  /** The caller was removed from the room, or the room was closed. */
  roomLeft: RoomLeft;
  /** The token expires soon: call session.refresh. */
  tokenExpiring: TokenExpiring;
  /** The server is about to close this connection. */
  sessionClosing: SessionClosing;
}

export type EventName = keyof Events;
