// Generated from proto/parley/node/v1 by `npm run gen`. Do not edit.

import type { CallChanged, CallEnded, CallIncoming, DirectOpened, MarkersChanged, Mentioned, PeerInfo, PeerLeft, PhoneDigit, ProducerInfo, QualityChanged, RecordingInfo, RtpParameters, TypingChanged, UnmuteRequested } from './types.ts';

/**
 * One frame, of at most 256 KB. One with another version or cluster, of a life that is not living, or without one of the
 * kinds is dropped and counted.
 */
export interface BusFrame {
  version: number;
  /** Eight hexadecimal digits that follow from the prefix: two clusters in one Redis do not hear each other. */
  cluster: string;
  /** The life that sent it. */
  from: string;
  part?: Part | undefined;
  ask?: PartRequest | undefined;
  change?: PartChange | undefined;
  digest?: Digest | undefined;
  ephemeral?: Ephemeral | undefined;
  toUsers?: ToUsers | undefined;
  control?: Control | undefined;
  digests?: Digests | undefined;
}

/**
 * What one life says of all its peers in a room. It may take several frames: they have the same version, `index` counts
 * from 0, and the part holds once the one with `last` is there.
 */
export interface Part {
  room: string;
  /** Of changes that are in it. */
  version: number;
  index: number;
  last: boolean;
  peers: PartPeer[];
  /** The sender is in the room no more; there are no peers then. */
  gone: boolean;
}

/** Asks for the parts of the lives that are named, or of everybody in the room. */
export interface PartRequest {
  room: string;
  lives: string[];
}

export interface PartPeer {
  /** With its producers. */
  peer: PeerInfo;
  /** 1 at its first join, one more with each node that took it over. The higher one wins everywhere. */
  generation: number;
  /** Whoever takes it over has to show that it is of the same session. */
  sessionHash: string;
  shapes: TrackShape[];
}

/** What somebody has to know of a track before it is there: whether it can be received, and in which layers. */
export interface TrackShape {
  producerId: string;
  /** As in `video/VP8`. */
  mimeType: string;
  clockRate: number;
  channels?: number | undefined;
  /** How many there are; 1 and 1 of a sound. */
  spatialLayers: number;
  temporalLayers: number;
  /** How much smaller than the whole each spatial layer is, the lowest first; 0: not said. Empty: none is said. */
  scales: number[];
}

/** The next version of a part. */
export interface PartChange {
  room: string;
  /** One more than that of the change before it. */
  version: number;
  joined: PartPeer[];
  /** Without their producers. */
  changed: PeerInfo[];
  left: PeerLeft[];
  tracks: TrackChange[];
  /** Peers that another node has now, as the sender has heard: no leave. */
  moved: string[];
}

export interface TrackChange {
  peerId: string;
  /** Added or changed; absent: `closed_producer_id` has ended. */
  producer?: ProducerInfo | undefined;
  /** With one that was added. */
  shape?: TrackShape | undefined;
  closedProducerId: string;
}

/** Whoever knows another version of the sender's part, or another number of peers in it, asks for it. */
export interface Digest {
  room: string;
  version: number;
  peers: number;
}

/**
 * Of many rooms, to all nodes: whoever is in one of them compares. It takes another way than what is said in a room, and may be
 * behind that.
 */
export interface Digests {
  digests: Digest[];
}

/** What is told once and not repaired. */
export interface Ephemeral {
  room: string;
  typing?: TypingChanged | undefined;
  markers?: MarkersChanged | undefined;
  quality?: QualityChanged | undefined;
  removal?: Removal | undefined;
  digit?: PhoneDigit | undefined;
  wish?: PeerWish | undefined;
}

/** What a moderator wants of a peer: the node that has it sees to it. */
export interface PeerWish {
  peerId: string;
  /** It is asked to unmute, by whom this names. */
  unmute?: UnmuteRequested | undefined;
  lowerHand?: boolean | undefined;
  /** Of a phone. */
  volumeDb?: number | undefined;
}

/** A moderator removed somebody: every node takes out its own peers of that identity. */
export interface Removal {
  identity: string;
  explanation: string;
}

/** For sessions of people, wherever they are. */
export interface ToUsers {
  identities: string[];
  mentioned?: Mentioned | undefined;
  directOpened?: DirectOpened | undefined;
  call?: CallTold | undefined;
}

/** What sessions of somebody are told of a call of the sending life: one of the three. */
export interface CallTold {
  incoming?: CallIncoming | undefined;
  changed?: CallChanged | undefined;
  ended?: CallEnded | undefined;
  /** One session alone, or all but one. */
  only?: string | undefined;
  except?: string | undefined;
}

/** What the owner of a room decides for all. The highest term holds, and of one term the highest number. */
export interface Control {
  room: string;
  term: number;
  number: number;
  activeSpeakerPeerId: string;
  speakerPeerIds: string[];
  locks: OwnerLock[];
  /** The life that records, or is about to; empty: nothing is recorded. */
  recorder: string;
  /** With a recorder: as it runs; absent: it is being started. Without one: how the last one ended. */
  recording?: RecordingInfo | undefined;
}

/** What a moderator locked of somebody: sounds, cameras, screens. */
export interface OwnerLock {
  owner: string;
  locks: ('sound' | 'camera' | 'screen')[];
}

export interface LinkFrame {
  /** Empty with `keep_alive`. */
  room: string;
  /** Each second. A side that hears nothing for three of its own closes the stream: nothing else tells of a node that was stopped. */
  keepAlive?: KeepAlive | undefined;
  data?: LinkData | undefined;
  levels?: Levels | undefined;
  floor?: Floor | undefined;
  layerWanted?: LayerWanted | undefined;
  voicesHeard?: VoicesHeard | undefined;
  speakers?: Speakers | undefined;
}

export interface KeepAlive {
  /** Counts up; answered by the same number in `echo`. */
  seq: number;
  echo: number;
}

/** A data message of a peer here for peers there. */
export interface LinkData {
  fromPeerId: string;
  /** Empty: everybody there. */
  toPeerIds: string[];
  topic: string;
  payload: Uint8Array;
  /** On the reliable channel; otherwise it may be dropped. */
  reliable: boolean;
}

/** How loud voices here are, for the owner of the room's floor. Those that were not heard for a while are left out. */
export interface Levels {
  voices: VoiceLevel[];
  /** Open microphones here whose level cannot be read: they are always forwarded, and take no place. */
  exemptProducerIds: string[];
}

export interface VoiceLevel {
  producerId: string;
  /** dBov (RFC 6464), smoothed. */
  level: number;
  /** Milliseconds since it was last more than noise. */
  silentMs: number;
}

/** Who has the floor, whole each time. The highest term holds, and of one term the highest number. */
export interface Floor {
  term: number;
  number: number;
  producerIds: string[];
}

/** Whose voices are heard here, for the owner, who says who speaks: twice a second, and once when nobody is heard any more. */
export interface VoicesHeard {
  /** The loudest first. */
  voices: VoiceLevel[];
  /** Whose turn it is among those of this node; empty: nobody's. */
  speakerProducerId: string;
}

/** Who speaks, of all nodes. The highest term holds, and of one term the highest number. */
export interface Speakers {
  term: number;
  number: number;
  /** Empty: nobody. */
  activePeerId: string;
  /** The loudest first. */
  peerIds: string[];
}

/** The highest layer of a track of the receiving node that anybody on the sending node shows; -1: nobody shows it. */
export interface LayerWanted {
  producerId: string;
  spatialLayer: number;
}

/** One end of an SRTP pipe (mediasoup's PipeTransport). */
export interface PipeOffer {
  ip: string;
  port: number;
  /** As in `AEAD_AES_256_GCM`. */
  cryptoSuite: string;
  /** The SRTP key and salt, sealed under a key that follows from `cluster.secret`: gRPC need not be encrypted itself. */
  sealedKey: Uint8Array;
}

export interface OpenPipeRequest {
  room: string;
  /** Made by the caller, of random. */
  pipeId: string;
  offer: PipeOffer;
}

export interface OpenPipeResponse {
  offer: PipeOffer;
}

export interface ClosePipeRequest {
  room: string;
  pipeId: string;
}

export type ClosePipeResponse = Record<string, never>;

export interface OpenTrackRequest {
  room: string;
  pipeId: string;
  producerId: string;
}

export interface OpenTrackResponse {
  kind: 'audio' | 'video';
  /** As they are on the pipe. */
  rtpParameters: RtpParameters;
  paused: boolean;
}

export interface CloseTrackRequest {
  room: string;
  pipeId: string;
  producerId: string;
}

export type CloseTrackResponse = Record<string, never>;

export interface CommandRequest {
  room: string;
  /** As the caller knows it, of a command to the room's owner: another one answers NOT_OWNER. 0: for any. */
  term: number;
  muteProducer?: MuteProducer | undefined;
  setLock?: SetLock | undefined;
  setRecording?: SetRecording | undefined;
  stopRecording?: StopRecording | undefined;
}

export interface CommandResponse {
  /** What it led to, as JSON, where the command says so. */
  result: string;
}

/** Of a track that this node has. */
export interface MuteProducer {
  producerId: string;
  muted: boolean;
  lock: boolean;
}

/** To the owner: what somebody sends is locked, or is not any more, on all nodes. */
export interface SetLock {
  owner: string;
  lock: 'sound' | 'camera' | 'screen';
  locked: boolean;
}

/** To the owner, of the life that records or is about to. Refused with RECORDING_RUNS while another one does. */
export interface SetRecording {
  recorder: string;
  /** Absent: it is being started. */
  recording?: RecordingInfo | undefined;
  /** Nothing is recorded from now on. */
  over: boolean;
}

/** To the life that records. */
export interface StopRecording {
  recordingId: string;
  /** Who wants it. */
  identity: string;
  name: string;
}

export interface AskCallRequest {
  ask: string;
  /** JSON. */
  content: string;
}

export interface AskCallResponse {
  /** JSON; empty: nothing. */
  answer: string;
}

export type PingNodeRequest = Record<string, never>;

export interface PingNodeResponse {
  /** The life of the node that answers. */
  life: string;
  /** Redis answered its beats within the last lease. */
  alive: boolean;
}

/** Every message between nodes, by its name. */
export interface NodeMessages {
  BusFrame: BusFrame;
  Part: Part;
  PartRequest: PartRequest;
  PartPeer: PartPeer;
  TrackShape: TrackShape;
  PartChange: PartChange;
  TrackChange: TrackChange;
  Digest: Digest;
  Digests: Digests;
  Ephemeral: Ephemeral;
  PeerWish: PeerWish;
  Removal: Removal;
  ToUsers: ToUsers;
  CallTold: CallTold;
  Control: Control;
  OwnerLock: OwnerLock;
  LinkFrame: LinkFrame;
  KeepAlive: KeepAlive;
  LinkData: LinkData;
  Levels: Levels;
  VoiceLevel: VoiceLevel;
  Floor: Floor;
  VoicesHeard: VoicesHeard;
  Speakers: Speakers;
  LayerWanted: LayerWanted;
  PipeOffer: PipeOffer;
  OpenPipeRequest: OpenPipeRequest;
  OpenPipeResponse: OpenPipeResponse;
  ClosePipeRequest: ClosePipeRequest;
  ClosePipeResponse: ClosePipeResponse;
  OpenTrackRequest: OpenTrackRequest;
  OpenTrackResponse: OpenTrackResponse;
  CloseTrackRequest: CloseTrackRequest;
  CloseTrackResponse: CloseTrackResponse;
  CommandRequest: CommandRequest;
  CommandResponse: CommandResponse;
  MuteProducer: MuteProducer;
  SetLock: SetLock;
  SetRecording: SetRecording;
  StopRecording: StopRecording;
  AskCallRequest: AskCallRequest;
  AskCallResponse: AskCallResponse;
  PingNodeRequest: PingNodeRequest;
  PingNodeResponse: PingNodeResponse;
}

/** Every call from node to node that is not a stream. */
export interface NodeMethods {
  /** Opens the way for the tracks of a room to the caller, or answers how it was opened: the same pipe_id is the same pipe. */
  openPipe: { request: OpenPipeRequest; response: OpenPipeResponse };
  closePipe: { request: ClosePipeRequest; response: ClosePipeResponse };
  /** Sends a track through a pipe, from a key frame on. */
  openTrack: { request: OpenTrackRequest; response: OpenTrackResponse };
  closeTrack: { request: CloseTrackRequest; response: CloseTrackResponse };
  /** What only this node can do: to a peer that it has, or as the owner of a room. */
  command: { request: CommandRequest; response: CommandResponse };
  /** What has to do with a call of either node: see signaling/calls/cluster/call-asks.ts. */
  askCall: { request: AskCallRequest; response: AskCallResponse };
  /** Whether this node is alive in Redis: whoever does not reach Redis learns from it whether others do. */
  ping: { request: PingNodeRequest; response: PingNodeResponse };
}
