// The public surface of the SDK: what an application holds in its hands.
//
// Everything asynchronous rejects with ParleyError; BAD_REQUEST says that an argument is none (NaN, undefined, an empty id).
// Calls to the server are not kept for later: without a connection they
// fail at once with NOT_CONNECTED, and when it is lost before their answer with CONNECTION_LOST (they may have been carried
// out). Two things are kept. Messages: `chat.send` puts them into an outbox, from which they go in order and once. And what is
// wanted of media: tracks that are published, paused, replaced, closed or subscribed to while the connection is lost are
// brought in line when it is back.

import type { types } from 'mediasoup-client';
import type {
  DirectInfo,
  LogRecord,
  MediaMode,
  PeerInfo,
  PeerQuality,
  PhoneInfo,
  ProducerInfo,
  RecordingInfo,
  Restriction,
  RoomOptionsInit,
  RoomSettings,
  TrackQuality,
} from '../../proto/gen/types.ts';
import type { Calls } from './calls/calls-api.ts';
import type { Cursor, RoomChat } from './chat/chat-api.ts';
import type { OutboxStore } from './chat/outbox-store.ts';
import type { Codec } from './codec/codec.ts';
import type { RoomData } from './data/data-api.ts';
import type { E2eeOptions, PeerDecryption, RoomE2ee } from './e2ee/e2ee-api.ts';
import type { ParleyError } from './errors.ts';
import type { ClientTiming } from './timing.ts';
import type { WebSocketClass } from './web-socket.ts';

export type {
  DirectInfo,
  LogRecord,
  MediaMode,
  PeerInfo,
  PeerQuality,
  PhoneInfo,
  ProducerInfo,
  RecordingInfo,
  Restriction,
  RoomSettings,
  TrackQuality,
};
export type RtpEncodingParameters = types.RtpEncodingParameters;
export type TrackSource = ProducerInfo['source'];
export type Unsubscribe = () => void;

export interface ClientOptions {
  /** The server, as in `wss://chat.example.org/ws`; in a page `/ws` of its own origin by default. */
  readonly url?: string;
  /**
   * Instead of `url`: the nodes of a cluster, where clients reach each of them by itself. They are tried in this order, and
   * after a failure the next one: name another one first in each client, so that they spread. The session goes on wherever it is
   * resumed. Behind a balancer give its one address as `url`.
   */
  readonly urls?: readonly string[];
  /**
   * Called for the first token and whenever a fresh one is needed. When it fails it is called again later; a ParleyError
   * thrown by it says that there will be no token, and closes the client with it.
   */
  readonly token: () => string | Promise<string>;
  /** The subprotocol: JSON by default; `protobufCodec` of `@parley/client/protobuf` for binary frames. */
  readonly codec?: Codec;
  /** The WebSocket class, where the platform has none (Node 20: that of `ws`). */
  readonly webSocket?: WebSocketClass;
  /** Makes the media device, where the platform cannot be detected (Node with a WebRTC library). */
  readonly device?: () => types.Device | Promise<types.Device>;
  /** What `room.autoSubscribe` starts with: true by default. */
  readonly autoSubscribe?: boolean;
  /**
   * Where messages wait until the server has them. By default IndexedDB where the platform has it, so that they outlive a
   * reload, and memory elsewhere.
   */
  readonly outbox?: OutboxStore;
  /** For rooms whose tracks are end-to-end encrypted; without it these can neither be sent to nor received from. */
  readonly e2ee?: E2eeOptions;
  /**
   * False: never sends to another client without the server, which would tell that one the caller's addresses. True by
   * default: it does where server and room allow it, and they do not by default.
   */
  readonly direct?: boolean;
  /** Other times than {@link ClientTiming} says by default. */
  readonly timing?: Partial<ClientTiming>;
  /** Shown in the server's logs. */
  readonly name?: string;
  readonly version?: string;
}

/**
 * `connecting` the first time, `reconnecting` after a loss (tries until `close`, with backoff and jitter), `closed` for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** `down`: the server cannot keep what is sent now. What goes into the outbox is sent when it can; calls and tracks go on. */
export type ServerStore = 'up' | 'down';

export interface ClientEvents {
  /** `error` says why, when the connection was refused or lost. `retryInMs` is set while the next try is waited for. */
  stateChanged: { state: ConnectionState; error?: ParleyError | undefined; retryInMs?: number | undefined };
  /** A direct conversation with the caller was opened, by either side; `join` the room to take part. */
  directOpened: { room: string; identity: string };
  /** Somebody mentioned the caller in a room that it is not in. */
  mentioned: { room: string; record: LogRecord };
  /**
   * Messages cannot be kept over a reload now: the store of the outbox fails. They are sent all the same, from memory.
   */
  outboxFailed: ParleyError;
  /** The server cannot keep messages now, or can again. */
  storeChanged: ServerStore;
}

export interface JoinOptions extends RoomOptionsInit {
  /**
   * Only with end-to-end encryption: a room that is not encrypted is not joined (E2EE_NOT_OFFERED), and one that does not
   * exist is opened so.
   */
  readonly e2ee?: boolean | undefined;
  /** Of an earlier life of the application: what happened since then comes as `records` of the room's chat. */
  readonly cursor?: Cursor | undefined;
}

export interface Client {
  readonly state: ConnectionState;
  readonly identity: string | undefined;
  /** As the server said last; `up` until it says otherwise. */
  readonly store: ServerStore;
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): Unsubscribe;
  /** @throws {ParleyError} when the server refuses the token; a server that cannot be reached is tried again instead. */
  connect(): Promise<void>;
  /** Joins a room. @throws {ParleyError} with ROOM_FULL, GRANT_MISSING, IDENTITY_REMOVED, E2EE_NOT_OFFERED, … */
  join(room: string, options?: JoinOptions): Promise<Room>;
  /** The room of the direct conversation with somebody, always the same; `join` it. */
  openDirect(identity: string): Promise<string>;
  /** The caller's direct conversations, those with the newest messages first. At most 200, by default 50. */
  listDirects(limit?: number): Promise<readonly DirectInfo[]>;
  /** Calls between people: to users, phone numbers and SIP addresses. */
  readonly calls: Calls;
  /** Round trip to the server in milliseconds. */
  ping(): Promise<number>;
  /** Leaves all rooms and closes for good. Rooms say nothing of it. */
  close(): Promise<void>;
}

/** `idle`: nothing is sent or received. `recovering`: a lost worker or a failed path is being mended, by itself. */
export type MediaState = 'idle' | 'connecting' | 'connected' | 'recovering';

/**
 * `removed` by a moderator; `closed` by the server; `expired`: no fresh token came; `refused`: the session was lost and the
 * room did not let the caller in again.
 */
export type LeftReason = 'removed' | 'closed' | 'expired' | 'refused';

export interface RoomEvents {
  /** The roster changed; read `room.peers`. `changed`: a name, who is away, what somebody sends. */
  peersChanged: { joined: readonly PeerInfo[]; left: readonly PeerInfo[]; changed: readonly PeerInfo[] };
  /** A remote track can be shown or heard. Again after a reset, as another object. */
  trackAdded: RemoteTrack;
  trackRemoved: RemoteTrack;
  /** A remote track was paused or resumed, or comes another way: `track` is another one then. */
  trackChanged: RemoteTrack;
  /** A moderator muted or released a local track, or it was paused or resumed. */
  localTrackChanged: LocalTrack;
  /** A local track ended although the application did not end it, and was not brought back. */
  localTrackFailed: { track: LocalTrack; error: ParleyError };
  /** The peer with the loudest voice; undefined when nobody speaks. */
  activeSpeakerChanged: string | undefined;
  /** The peers whose voices are heard, the loudest first. */
  speakersChanged: readonly string[];
  /** The caller sends through the server from now on, or directly, or that is being tried. */
  mediaModeChanged: MediaMode;
  /** `quality` changed, of these peers. */
  qualityChanged: readonly PeerQuality[];
  /** What the platform counted of the caller's own tracks, sent and received, each few seconds; without scores. */
  tracksMeasured: readonly TrackQuality[];
  /** A recording started, went on or ended. */
  recordingChanged: RecordingInfo;
  mediaStateChanged: MediaState;
  /** Frames of a peer cannot be decrypted, or can be again. */
  decryptionChanged: PeerDecryption;
  /** `settings` or `mutedUntilMs` changed. */
  rulesChanged: undefined;
  /** Somebody wants to speak, or no longer. The hands of others stand in `peers` too, one's own in `handRaised`. */
  handRaised: { peerId: string; identity: string; raised: boolean };
  /** Somebody pressed a key of a phone. */
  phoneDigit: { peerId: string; digit: string; durationMs: number };
  /** A moderator asks the caller to unmute its microphone. */
  unmuteRequested: { identity: string; name: string };
  /** The caller is no longer in the room, and not by `leave`. */
  left: { reason: LeftReason; explanation: string };
}

export interface PublishOptions {
  readonly source: TrackSource;
  /** Starts without sending: false by default. */
  readonly paused?: boolean | undefined;
  /**
   * How it is encoded, one entry for each layer, the lowest first. By default a camera is sent in up to three sizes, a
   * screen at two frame rates, and everything in one stream where the codec is scalable.
   */
  readonly encodings?: readonly RtpEncodingParameters[] | undefined;
  /** Of a picture, where this platform has it; its own choice by default, and VP8 in encrypted rooms. */
  readonly codec?: VideoCodec | undefined;
}

export type VideoCodec = 'vp8' | 'h264' | 'vp9' | 'av1';

export interface Room {
  readonly name: string;
  readonly peerId: string;
  readonly grants: readonly string[];
  /** Everyone else, by peer id; fetched page by page in the background when the room is large. */
  readonly peers: ReadonlyMap<string, PeerInfo>;
  /** Everyone, the caller included; right even while pages are still coming. */
  readonly peerCount: number;
  readonly remoteTracks: ReadonlyMap<string, RemoteTrack>;
  readonly localTracks: ReadonlyMap<TrackSource, LocalTrack>;
  readonly activeSpeaker: string | undefined;
  /** The peers whose voices are heard, the loudest first. */
  readonly speakers: readonly string[];
  readonly mediaState: MediaState;
  /** Whether what is sent here goes through the server, or to the other one of two. */
  readonly mediaMode: MediaMode;
  /** How well it goes, by peer id, as last told; 1 (bad) to 5. */
  readonly quality: ReadonlyMap<string, PeerQuality>;
  /** The recording that runs. */
  readonly recording: RecordingInfo | undefined;
  /** The end-to-end encryption of the room's tracks; `enabled` where it has one. */
  readonly e2ee: RoomE2ee;
  readonly data: RoomData;
  readonly chat: RoomChat;
  readonly settings: RoomSettings;
  /** When the caller may write again, where a moderator muted it; undefined: now. Infinite mutes say 8640000000000000. */
  readonly mutedUntilMs: number | undefined;
  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): Unsubscribe;

  /**
   * Sends a track until it is closed, over reconnects and resets. One per source: publishing again replaces it.
   * @throws {ParleyError} GRANT_MISSING and other refusals, MEDIA_UNSUPPORTED, TRACK_ENDED, MEDIA_TIMEOUT; in an encrypted
   * room E2EE_KEY_MISSING, E2EE_UNSUPPORTED.
   */
  publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack>;
  /** Whether remote tracks are received as they come (the default). Off: call `subscribe` for each. */
  autoSubscribe: boolean;
  /** @throws {ParleyError} PRODUCER_NOT_FOUND, CANNOT_CONSUME and other refusals, MEDIA_UNSUPPORTED, MEDIA_TIMEOUT. */
  subscribe(producerId: string): Promise<RemoteTrack>;
  /** Stops receiving a track, and keeps `autoSubscribe` from it. */
  unsubscribe(producerId: string): Promise<void>;

  muteProducer(producerId: string, options: { muted: boolean; lock?: boolean }): Promise<void>;
  removePeer(peerId: string, explanation?: string): Promise<void>;
  allowIdentity(identity: string): Promise<void>;
  /** Asks somebody to unmute; a phone hears how it can. Needs `moderate`, as the next two. */
  requestUnmute(peerId: string): Promise<void>;
  /** How loud a phone hears the room: −18 to 12 decibels, 0 as it comes. */
  setPhoneVolume(peerId: string, volumeDb: number): Promise<void>;
  lowerHand(peerId: string): Promise<void>;
  listRemoved(): Promise<readonly string[]>;
  /** Who is kept out of the room, and who may not write in it. */
  listRestrictions(): Promise<readonly Restriction[]>;
  /** Keeps an identity out; without a duration until `allowIdentity`. */
  banIdentity(identity: string, options?: { durationMs?: number; explanation?: string }): Promise<void>;
  /** Lets somebody read but not write; without a duration until `unmuteIdentity`. */
  muteIdentity(identity: string, options?: { durationMs?: number }): Promise<void>;
  unmuteIdentity(identity: string): Promise<void>;
  /** Whether the caller has raised its hand: it asks to speak. */
  readonly handRaised: boolean;
  raiseHand(raised: boolean): Promise<void>;
  /** What is left out stays as it is. */
  configure(settings: Partial<RoomSettings>): Promise<void>;

  /** Needs the grant `record`. Without sources: everything. @throws {ParleyError} RECORDING_RUNS, RECORDING_REFUSED, … */
  startRecording(options?: { title?: string; sources?: readonly TrackSource[] }): Promise<RecordingInfo>;
  /** @throws {ParleyError} RECORDING_NOT_FOUND */
  stopRecording(recordingId: string): Promise<RecordingInfo>;
  /** The newest first; the next page begins at `nextPageToken`, which is empty on the last one. */
  listRecordings(pageToken?: string): Promise<{ recordings: readonly RecordingInfo[]; nextPageToken: string }>;
  deleteRecording(recordingId: string): Promise<void>;

  leave(): Promise<void>;
}

export interface LocalTrack {
  readonly source: TrackSource;
  /** Undefined while media is being made anew. */
  readonly producerId: string | undefined;
  readonly track: MediaStreamTrack;
  readonly paused: boolean;
  /** By a moderator. */
  readonly muted: boolean;
  readonly locked: boolean;
  /** Silent at once; resolves when the server knows, or when it cannot be told now. */
  pause(): Promise<void>;
  /** @throws {ParleyError} PRODUCER_LOCKED when a moderator locked it. */
  resume(): Promise<void>;
  /** Sends another track in its place, as from another camera, without new negotiation. */
  replace(track: MediaStreamTrack): Promise<void>;
  /** Stops sending; does not stop the MediaStreamTrack. */
  close(): Promise<void>;
  /** Of the platform; empty while media is being made anew. */
  getStats(): Promise<RTCStatsReport>;
}

export interface RemoteTrack {
  readonly producerId: string;
  readonly peerId: string;
  readonly source: TrackSource;
  /** Another one after `trackChanged`, when it comes another way. */
  readonly track: MediaStreamTrack;
  /** Nothing comes now: paused or muted at its sender. */
  readonly paused: boolean;
  /** At most these layers of a track that is sent in several. Absent: the highest. Another object needs it again. */
  setPreferredLayers(layers: { spatialLayer: number; temporalLayer?: number }): Promise<void>;
  /**
   * How large it is shown, in physical pixels, or that it is not: the server sends no more than that takes, all until it is
   * told. Told when it has settled for 200 ms, and kept when the connection is lost; see `observeView`.
   */
  setView(view: { width: number; height: number; hidden?: boolean }): void;
  getStats(): Promise<RTCStatsReport>;
}
