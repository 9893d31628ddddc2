// The public surface of the SDK: what an application holds in its hands.

import type { ChatMessage, PeerInfo, ProducerInfo, RoomOptionsInit } from '../../proto/gen/types.ts';
import type { ParleyError } from './errors.ts';

export type { ChatMessage, PeerInfo, ProducerInfo };
export type TrackSource = ProducerInfo['source'];
export type Unsubscribe = () => void;

export interface ClientOptions {
  /** The server, as in `wss://chat.example.org/ws`; in a page `/ws` of its own origin by default. */
  readonly url?: string;
  /** Called for the first token and whenever a fresh one is needed. */
  readonly token: () => string | Promise<string>;
  /** The subprotocol: JSON by default; `protobufCodec` of `@parley/client/protobuf` for binary frames. */
  readonly codec?: import('./codec/codec.ts').Codec;
  /** The WebSocket class, where the platform has none (Node 20: that of `ws`). */
  readonly webSocket?: typeof WebSocket;
  /** Makes the media device, where the platform cannot be detected (Node with a WebRTC library). */
  readonly device?: () => import('mediasoup-client').Device;
  /** Shown in the server's logs. */
  readonly name?: string;
  readonly version?: string;
}

/**
 * `connecting` the first time, `reconnecting` after a loss (tries until `close`, with backoff and jitter), `closed` for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

export interface ClientEvents {
  /** `error` says why, when the connection was refused or lost. `retryInMs` is set while the next try is waited for. */
  stateChanged: { state: ConnectionState; error?: ParleyError | undefined; retryInMs?: number | undefined };
}

export interface Client {
  readonly state: ConnectionState;
  readonly identity: string | undefined;
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): Unsubscribe;
  /** @throws {ParleyError} when the server refuses the token; a server that cannot be reached is tried again instead. */
  connect(): Promise<void>;
  /** Joins a room. @throws {ParleyError} with ROOM_FULL, GRANT_MISSING, IDENTITY_REMOVED, … */
  join(room: string, options?: RoomOptionsInit): Promise<Room>;
  /** Round trip to the server in milliseconds. */
  ping(): Promise<number>;
  close(): Promise<void>;
}

export interface RoomEvents {
  /** The roster changed; read `room.peers`. */
  peersChanged: { joined: readonly PeerInfo[]; left: readonly PeerInfo[] };
  message: ChatMessage;
  /** A remote track can be shown or heard. Again after a reset, as another object. */
  trackAdded: RemoteTrack;
  trackRemoved: RemoteTrack;
  /** A remote track was paused or resumed. */
  trackChanged: RemoteTrack;
  /** A moderator muted or released a local track, or it was paused or resumed. */
  localTrackChanged: LocalTrack;
  /** A local track ended although the application did not end it, and was not brought back. */
  localTrackFailed: { track: LocalTrack; error: ParleyError };
  /** The peer with the loudest voice; undefined when nobody speaks. */
  activeSpeakerChanged: string | undefined;
  /** `recovering`: media is being made anew (lost worker, failed path); it comes back by itself. */
  mediaStateChanged: 'idle' | 'connecting' | 'connected' | 'recovering';
  /** The caller is no longer in the room, and not by `leave`. */
  left: { reason: 'removed' | 'closed' | 'expired' | 'refused'; explanation: string };
}

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
  readonly mediaState: RoomEvents['mediaStateChanged'];
  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): Unsubscribe;

  /** Sends a chat message; resolves with it once the server took it. */
  send(text: string): Promise<ChatMessage>;

  /** Sends a track until it is closed, over reconnects and resets. One per source: publishing again replaces it. */
  publish(track: MediaStreamTrack, options: { source: TrackSource; paused?: boolean }): Promise<LocalTrack>;
  /** Whether remote tracks are received as they come (the default). Off: call `subscribe` for each. */
  autoSubscribe: boolean;
  subscribe(producerId: string): Promise<RemoteTrack>;
  unsubscribe(producerId: string): Promise<void>;

  muteProducer(producerId: string, options: { muted: boolean; lock?: boolean }): Promise<void>;
  removePeer(peerId: string, explanation?: string): Promise<void>;
  allowIdentity(identity: string): Promise<void>;
  listRemoved(): Promise<readonly string[]>;

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
  pause(): Promise<void>;
  /** @throws {ParleyError} PRODUCER_LOCKED when a moderator locked it. */
  resume(): Promise<void>;
  /** Sends another track in its place, as from another camera, without new negotiation. */
  replace(track: MediaStreamTrack): Promise<void>;
  /** Stops sending; does not stop the MediaStreamTrack. */
  close(): Promise<void>;
}

export interface RemoteTrack {
  readonly producerId: string;
  readonly peerId: string;
  readonly source: TrackSource;
  readonly track: MediaStreamTrack;
  /** Nothing comes now: paused or muted at its sender. */
  readonly paused: boolean;
  setPreferredLayers(layers: { spatialLayer: number; temporalLayer?: number }): Promise<void>;
  getStats(): Promise<RTCStatsReport>;
}
