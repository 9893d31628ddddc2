// Generated from proto/parley/v1 by `npm run gen`. Do not edit.

/** What a format parameter (`a=fmtp`) may be. */
export type JsonScalar = string | number | boolean;

/** Whom to ring: exactly one of the three. */
export interface CallTarget {
  /** An identity: all its browsers and phones ring at once. */
  user: string;
  /** A phone number as it is dialled; the trunks decide. */
  number: string;
  /** A SIP address (RFC 3261, section 19.1). */
  uri: string;
}

/** What a caller gives for {@link CallTarget}: what is not required may be left out. */
export interface CallTargetInit {
  /** An identity: all its browsers and phones ring at once. */
  user?: string | undefined;
  /** A phone number as it is dialled; the trunks decide. */
  number?: string | undefined;
  /** A SIP address (RFC 3261, section 19.1). */
  uri?: string | undefined;
}

export interface StartCallRequest {
  to: CallTarget[];
  /** Empty: a room of its own. */
  room: string;
  /** How long it rings; 0: as the server is configured. */
  ringMs: number;
  /** Click to call: first a phone of the caller rings, and when it answers, the others. Empty fields: the caller's own phones. */
  firstRing?: CallTarget | undefined;
  /** Shown to those who are rung. */
  subject: string;
  /** The caller shows a camera: those who are rung can offer the same. */
  video: boolean;
  /** Of an attempt: repeated with the same, the call that it started is answered. */
  clientId: string;
}

/** What a caller gives for {@link StartCallRequest}: what is not required may be left out. */
export interface StartCallRequestInit {
  to: CallTargetInit[];
  /** Empty: a room of its own. */
  room?: string | undefined;
  /** How long it rings; 0: as the server is configured. */
  ringMs?: number | undefined;
  /** Click to call: first a phone of the caller rings, and when it answers, the others. Empty fields: the caller's own phones. */
  firstRing?: CallTargetInit | undefined;
  /** Shown to those who are rung. */
  subject?: string | undefined;
  /** The caller shows a camera: those who are rung can offer the same. */
  video?: boolean | undefined;
  /** Of an attempt: repeated with the same, the call that it started is answered. */
  clientId?: string | undefined;
}

export interface AcceptCallRequest {
  callId: string;
}

/** What a caller gives for {@link AcceptCallRequest}: what is not required may be left out. */
export interface AcceptCallRequestInit {
  callId: string;
}

export interface DeclineCallRequest {
  callId: string;
  /** `busy`: the other side is told so. */
  reason: '' | 'declined' | 'busy';
}

/** What a caller gives for {@link DeclineCallRequest}: what is not required may be left out. */
export interface DeclineCallRequestInit {
  callId: string;
  /** `busy`: the other side is told so. */
  reason?: '' | 'declined' | 'busy' | undefined;
}

export interface EndCallRequest {
  callId: string;
  /** Empty: the caller's own. Others': for whoever started the call, or a moderator of the room. */
  legId: string;
  /** The call is over for everybody; for whoever started it, or a moderator of the room. */
  forAll: boolean;
}

/** What a caller gives for {@link EndCallRequest}: what is not required may be left out. */
export interface EndCallRequestInit {
  callId: string;
  /** Empty: the caller's own. Others': for whoever started the call, or a moderator of the room. */
  legId?: string | undefined;
  /** The call is over for everybody; for whoever started it, or a moderator of the room. */
  forAll?: boolean | undefined;
}

export interface AddToCallRequest {
  callId: string;
  to: CallTarget[];
  /** 0: as the server is configured. */
  ringMs: number;
}

/** What a caller gives for {@link AddToCallRequest}: what is not required may be left out. */
export interface AddToCallRequestInit {
  callId: string;
  to: CallTargetInit[];
  /** 0: as the server is configured. */
  ringMs?: number | undefined;
}

export interface TransferCallRequest {
  callId: string;
  /** Blind. When nobody answers there, the caller is rung again, so that the other side is not lost. */
  to?: CallTarget | undefined;
  /** Attended: the other call of the caller. Both meet in the room of `call_id`. */
  toCallId: string;
}

/** What a caller gives for {@link TransferCallRequest}: what is not required may be left out. */
export interface TransferCallRequestInit {
  callId: string;
  /** Blind. When nobody answers there, the caller is rung again, so that the other side is not lost. */
  to?: CallTargetInit | undefined;
  /** Attended: the other call of the caller. Both meet in the room of `call_id`. */
  toCallId?: string | undefined;
}

export interface HoldCallRequest {
  callId: string;
  legId: string;
  hold: boolean;
}

/** What a caller gives for {@link HoldCallRequest}: what is not required may be left out. */
export interface HoldCallRequestInit {
  callId: string;
  legId?: string | undefined;
  hold?: boolean | undefined;
}

export interface MuteCallRequest {
  callId: string;
  legId: string;
  muted: boolean;
}

/** What a caller gives for {@link MuteCallRequest}: what is not required may be left out. */
export interface MuteCallRequestInit {
  callId: string;
  legId: string;
  muted?: boolean | undefined;
}

export interface SendDigitsRequest {
  callId: string;
  /** Empty: all phones of the call. */
  legId: string;
  digits: string;
  /** Of each; 0: 100. */
  durationMs: number;
}

/** What a caller gives for {@link SendDigitsRequest}: what is not required may be left out. */
export interface SendDigitsRequestInit {
  callId: string;
  /** Empty: all phones of the call. */
  legId?: string | undefined;
  digits: string;
  /** Of each; 0: 100. */
  durationMs?: number | undefined;
}

export type CallDone = Record<string, never>;

export type CurrentCallsRequest = Record<string, never>;

/** What a caller gives for {@link CurrentCallsRequest}: what is not required may be left out. */
export type CurrentCallsRequestInit = Record<string, never>;

export interface CurrentCallsResponse {
  /** Those that the caller has a leg of, or is rung for. */
  calls: CallInfo[];
}

export interface ListCallsRequest {
  /** From the answer before; empty: the newest. */
  pageToken: string;
  /** 0: 50. */
  pageSize: number;
}

/** What a caller gives for {@link ListCallsRequest}: what is not required may be left out. */
export interface ListCallsRequestInit {
  /** From the answer before; empty: the newest. */
  pageToken?: string | undefined;
  /** 0: 50. */
  pageSize?: number | undefined;
}

export interface ListCallsResponse {
  calls: CallSummary[];
  /** Empty: there are no more. */
  nextPageToken: string;
}

/** A call as it is now. Every change comes as callChanged. */
export interface CallInfo {
  callId: string;
  room: string;
  /** `ringing` until somebody has answered. */
  state: 'ringing' | 'accepted' | 'ended';
  /** In the order in which they came; the first is who called. */
  legs: CallLeg[];
  /** Milliseconds since 1970; absent: not yet. */
  startedAtMs: number;
  answeredAtMs?: number | undefined;
  endedAtMs?: number | undefined;
  subject: string;
  video: boolean;
  /** What to publish the microphone with, so that nothing is transcoded; empty: as the client likes. Changes as legs come and go. */
  audioCodec: '' | 'opus' | 'PCMU' | 'PCMA' | 'G722';
  /** With `ended`: why, as CallLeg.end_reason. */
  endReason: string;
}

/** One side of a call. */
export interface CallLeg {
  legId: string;
  /** What was called, or called: a user, a number or a SIP address. */
  kind: 'user' | 'number' | 'uri';
  /** Who it is in the room: the user, or the phone as the dial plan names it. */
  identity: string;
  name: string;
  /** The number or the SIP address; empty for users. */
  number: string;
  /** `waiting`: is rung later (click to call). `calling`: is rung, no device has told of it yet. */
  state: 'waiting' | 'calling' | 'ringing' | 'accepted' | 'ended';
  /** Which of its devices took part; empty: none yet. */
  via: '' | 'client' | 'phone';
  /** Its peer in the room; empty: it is not there. */
  peerId: string;
  /** Hears nothing and is not heard. */
  held: boolean;
  /** Who put it on hold: the leg itself, or another one of the call. */
  heldBy: '' | 'self' | 'other';
  muted: boolean;
  answeredAtMs?: number | undefined;
  endedAtMs?: number | undefined;
  /**
   * With `ended`. `hung-up`: it was answered and somebody ended it. `declined`, `busy`, `no-answer` (it rang), `unreachable` (no
   * device, or no way to it), `canceled` (by the caller), `answered-elsewhere`, `transferred`, `removed` (by a moderator),
   * `lost` (its connection), `no-media` (a phone that sent nothing any more, as one without power), `media-lost` (the server's
   * process of its sound ended), `node-lost` (the node that it or its call was on), `cut-off` (by the server, which stopped or closed
   * the room, or whose trunk was used up), `forbidden` (the trunk does not allow it), `failed` (something broke).
   */
  endReason: '' | 'hung-up' | 'declined' | 'busy' | 'no-answer' | 'unreachable' | 'canceled' | 'answered-elsewhere' | 'transferred' | 'removed' | 'lost' | 'no-media' | 'media-lost' | 'node-lost' | 'cut-off' | 'forbidden' | 'failed';
  /** Of a phone. */
  codec: string;
  encrypted: boolean;
  /** Of a phone that has hung up: how well it was heard and heard. */
  quality?: LegQuality | undefined;
}

/** Of a phone's leg, over its whole time. */
export interface LegQuality {
  /** An estimate of the mean opinion score by the E-model (ITU-T G.107), 1 to 4.5. */
  mos: number;
  /** Of the packets that were to come, 0 to 1. */
  loss: number;
  jitterMs: number;
  rttMs: number;
}

/** What is left of a call. */
export interface CallSummary {
  callId: string;
  room: string;
  /** Of the reader: it called, or was called. `missed`: it rang and nobody answered there. */
  direction: 'outgoing' | 'incoming' | 'missed';
  startedAtMs: number;
  /** From the answer to the end; 0: was not answered. */
  durationMs: number;
  endReason: string;
  legs: CallLeg[];
  subject: string;
}

/** A call rings for the receiver. It ends with callChanged of an accepted call or with callEnded. */
export interface CallIncoming {
  call: CallInfo;
  /** The leg that is rung. */
  legId: string;
  /** Until when, in milliseconds since 1970. */
  ringsUntilMs: number;
}

export interface CallChanged {
  call: CallInfo;
}

/** The call is over for the receiver: it stops to ring, or its leg ended, or all did. */
export interface CallEnded {
  call: CallInfo;
  /** Of the receiver's own leg, as CallLeg.end_reason. */
  reason: string;
}

export interface SendMessageRequest {
  room: string;
  /** Chosen by the client, new for each message and the same when it is sent again. */
  clientId: string;
  text: string;
  /** The id of the message that this one answers. */
  replyTo?: string | undefined;
  mentions: string[];
}

/** What a caller gives for {@link SendMessageRequest}: what is not required may be left out. */
export interface SendMessageRequestInit {
  room: string;
  /** Chosen by the client, new for each message and the same when it is sent again. */
  clientId: string;
  text: string;
  /** The id of the message that this one answers. */
  replyTo?: string | undefined;
  mentions?: string[] | undefined;
}

/** The acknowledgement: the record is in the log at this place, and will be there once however often it was sent. */
export interface Receipt {
  epoch: string;
  seq: number;
  messageId: string;
  atMs: number;
  /** How safely it is kept, as LogHead.durability. */
  durability: 'memory' | 'process' | 'disk';
  /** It was there already: an earlier call with this client id put it there. Of a reaction: or another client id. */
  duplicate: boolean;
}

export interface EditMessageRequest {
  room: string;
  clientId: string;
  messageId: string;
  text: string;
}

/** What a caller gives for {@link EditMessageRequest}: what is not required may be left out. */
export interface EditMessageRequestInit {
  room: string;
  clientId: string;
  messageId: string;
  text: string;
}

export interface DeleteMessageRequest {
  room: string;
  clientId: string;
  messageId: string;
}

/** What a caller gives for {@link DeleteMessageRequest}: what is not required may be left out. */
export interface DeleteMessageRequestInit {
  room: string;
  clientId: string;
  messageId: string;
}

export interface ReactRequest {
  room: string;
  clientId: string;
  messageId: string;
  /** Beyond 20 different ones on one message, and 100 people with the same: TOO_MANY_REACTIONS. */
  emoji: string;
  on: boolean;
}

/** What a caller gives for {@link ReactRequest}: what is not required may be left out. */
export interface ReactRequestInit {
  room: string;
  clientId: string;
  messageId: string;
  /** Beyond 20 different ones on one message, and 100 people with the same: TOO_MANY_REACTIONS. */
  emoji: string;
  on?: boolean | undefined;
}

export interface MarkRequest {
  room: string;
  /** Up to and with this record. */
  deliveredSeq?: number | undefined;
  /** Read is also delivered. */
  readSeq?: number | undefined;
}

/** What a caller gives for {@link MarkRequest}: what is not required may be left out. */
export interface MarkRequestInit {
  room: string;
  /** Up to and with this record. */
  deliveredSeq?: number | undefined;
  /** Read is also delivered. */
  readSeq?: number | undefined;
}

export interface MarkResponse {
  unread: Unread;
}

/** What the caller has not read. */
export interface Unread {
  deliveredSeq: number;
  readSeq: number;
  /** Messages of others behind read_seq that are not deleted; counting ends at 1000. */
  messages: number;
  /** Those of them that mention the caller. */
  mentions: number;
}

/** How far somebody is. Of one person, not of one connection. */
export interface Marker {
  identity: string;
  deliveredSeq: number;
  readSeq: number;
}

export interface ListMarkersRequest {
  room: string;
}

/** What a caller gives for {@link ListMarkersRequest}: what is not required may be left out. */
export interface ListMarkersRequestInit {
  room: string;
}

export interface ListMarkersResponse {
  /** Those who moved last come first, at most 1000. */
  markers: Marker[];
}

export interface SetTypingRequest {
  room: string;
  typing: boolean;
}

/** What a caller gives for {@link SetTypingRequest}: what is not required may be left out. */
export interface SetTypingRequestInit {
  room: string;
  typing?: boolean | undefined;
}

export type SetTypingResponse = Record<string, never>;

export interface OpenDirectRequest {
  identity: string;
}

/** What a caller gives for {@link OpenDirectRequest}: what is not required may be left out. */
export interface OpenDirectRequestInit {
  identity: string;
}

export interface OpenDirectResponse {
  /** The room's name, for room.join. */
  room: string;
}

export interface ListDirectsRequest {
  /** 0: 50. */
  limit: number;
}

/** What a caller gives for {@link ListDirectsRequest}: what is not required may be left out. */
export interface ListDirectsRequestInit {
  /** 0: 50. */
  limit?: number | undefined;
}

export interface ListDirectsResponse {
  directs: DirectInfo[];
}

export interface DirectInfo {
  room: string;
  /** The other person; what it was called is in its own records. */
  identity: string;
  head: LogHead;
  unread: Unread;
  /** The newest message, when there is one. */
  lastMessage?: LogRecord | undefined;
}

/** One entry of a room's log. Where a message was edited, deleted or reacted to later, its record says how it is now. */
export interface LogRecord {
  /** 1, 2, 3, … in the room and epoch, without holes. */
  seq: number;
  /** Of this record; that of a message is what replies, edits and reactions name. */
  messageId: string;
  /**
   * What happened. `message`; `edited`, `deleted`, `reaction` change the message `target_id`. `joined` and `left` are of a
   * person, not of each connection. `callStarted` when the first track is sent, `callEnded` when there was none for a while.
   * `recordingStarted`, `recordingStopped`. `banned`, `unbanned`, `muted`, `unmuted` are of the person `subject`.
   * `configured`: the room has other settings. `opened`: a direct conversation began. `call`: a step of a call between people,
   * which has legs; `callStarted` and `callEnded` are of any room where tracks are sent.
   */
  kind: 'message' | 'edited' | 'deleted' | 'reaction' | 'joined' | 'left' | 'callStarted' | 'callEnded' | 'recordingStarted' | 'recordingStopped' | 'banned' | 'unbanned' | 'muted' | 'unmuted' | 'configured' | 'opened' | 'call';
  /** When the server took it, in milliseconds since 1970. */
  atMs: number;
  /** Who did it, and what it was called then. Empty: the server. */
  identity: string;
  name: string;
  /** What its author called it when sending. Empty where the server wrote it. */
  clientId: string;
  /** With `message`. */
  message?: MessageContent | undefined;
  /** With `edited`, `deleted`, `reaction`: the message's id. */
  targetId?: string | undefined;
  /** With `edited`: the text that the message has from here on. Absent when the message was deleted later. */
  text?: string | undefined;
  /** With `reaction`. */
  reaction?: ReactionChange | undefined;
  /** With `joined`, `left`: `client`, `chat` or `phone`, as PeerInfo.kind. */
  via?: string | undefined;
  /** With `banned`, `unbanned`, `muted`, `unmuted`: the identity. */
  subject?: string | undefined;
  /** With `banned`, `muted`: when it ends by itself, in milliseconds since 1970; absent: not. */
  untilMs?: number | undefined;
  /** With `callEnded`: how long the call was. */
  durationMs?: number | undefined;
  /** With `configured`. */
  settings?: RoomSettings | undefined;
  /** With `call`. */
  call?: CallStep | undefined;
}

/** A step in the life of a call. */
export interface CallStep {
  /** Empty with `visited`. */
  callId: string;
  /**
   * `started`: with whom is rung. `answered`, `failed`, `left`, `held`, `resumed`, `transferred`: of `leg`. `ended`: with all legs.
   * `visited`: the phone `leg` had dialled into the room, where there was no call, and is gone.
   */
  step: 'started' | 'answered' | 'failed' | 'left' | 'held' | 'resumed' | 'transferred' | 'ended' | 'visited';
  /** Whose step it is. */
  leg?: CallLeg | undefined;
  /** With `started`, `ended`. */
  legs: CallLeg[];
  /** With `ended`: from the answer on; 0: was not answered. With `visited`: how long it was there. */
  durationMs?: number | undefined;
  /** With `failed`, `left`, `ended`, `visited`. */
  reason: string;
  /** With `ended`, `visited`: of the call. */
  room: string;
  startedAtMs?: number | undefined;
  subject: string;
}

export interface MessageContent {
  /** Empty when the message was deleted. */
  text: string;
  /** The message that this one answers, and the first message of the thread that it belongs to. */
  replyTo?: string | undefined;
  threadId?: string | undefined;
  /** The identities that it is meant for. */
  mentions: string[];
  editedAtMs?: number | undefined;
  /** Set when it was deleted, with who did that. */
  deletedBy?: string | undefined;
  reactions: Reaction[];
  /** The last record that changed this message; 0: none. Changes up to this one are in it already. */
  changedSeq: number;
}

export interface Reaction {
  emoji: string;
  identities: string[];
}

export interface ReactionChange {
  emoji: string;
  /** False: taken back. */
  on: boolean;
}

/** What holds in a room until a moderator changes it. */
export interface RoomSettings {
  /** Time between two messages of one person; guests of one address are one person, moderators are exempt. 0: none. */
  slowModeMs: number;
  /** Records older than this are forgotten; 0: the server's own limit. */
  retentionMs: number;
  /** Older records than the newest so many are forgotten; 0: the server's own limit. */
  retentionRecords: number;
}

/** What a caller gives for {@link RoomSettings}: what is not required may be left out. */
export interface RoomSettingsInit {
  /** Time between two messages of one person; guests of one address are one person, moderators are exempt. 0: none. */
  slowModeMs?: number | undefined;
  /** Records older than this are forgotten; 0: the server's own limit. */
  retentionMs?: number | undefined;
  /** Older records than the newest so many are forgotten; 0: the server's own limit. */
  retentionRecords?: number | undefined;
}

/**
 * Where a reader stands. The message id proves that the log is the one that it read: a server that was set back to an
 * older copy of its data has other records under the same numbers.
 */
export interface Cursor {
  epoch: string;
  /** 0: before the first record. */
  seq: number;
  /** Of the record `seq`; empty with 0. */
  messageId: string;
}

/** What a caller gives for {@link Cursor}: what is not required may be left out. */
export interface CursorInit {
  epoch: string;
  /** 0: before the first record. */
  seq?: number | undefined;
  /** Of the record `seq`; empty with 0. */
  messageId?: string | undefined;
}

/** A room's log as it is now. */
export interface LogHead {
  /** Random, of one life of the log. In another epoch all numbers mean something else. */
  epoch: string;
  /** The newest record; 0: there is none yet. */
  seq: number;
  /** Of the newest record. */
  messageId: string;
  /** The oldest record that is still there. */
  firstSeq: number;
  /** What an acknowledgement means: `memory` (lost with the process), `process` (lost with the machine), `disk` (kept). */
  durability: 'memory' | 'process' | 'disk';
}

export interface SyncRequest {
  rooms: RoomCursor[];
}

/** What a caller gives for {@link SyncRequest}: what is not required may be left out. */
export interface SyncRequestInit {
  rooms: RoomCursorInit[];
}

export interface RoomCursor {
  room: string;
  cursor: Cursor;
}

/** What a caller gives for {@link RoomCursor}: what is not required may be left out. */
export interface RoomCursorInit {
  room: string;
  cursor: CursorInit;
}

export interface SyncResponse {
  /** In the order of the request. Rooms behind the one that filled the answer have no records and `more`. */
  rooms: RoomSync[];
}

export interface RoomSync {
  room: string;
  /**
   * `records`: what follows the cursor, with nothing missing. `gap`: something is lost to this reader; show the room anew
   * and go on from `head`. `refused`: see `error_reason`.
   */
  status: 'records' | 'gap' | 'refused';
  records: LogRecord[];
  /** There are further records behind these. */
  more: boolean;
  head?: LogHead | undefined;
  /**
   * With `gap`. `epoch`: the log is another one. `trimmed`: records behind the cursor were forgotten. `fork`: the log went
   * another way from or before the cursor (it was restored from a copy). `slow`: the reader was left behind.
   */
  gapReason?: 'epoch' | 'trimmed' | 'fork' | 'slow' | undefined;
  /** With `refused`: NOT_IN_ROOM, GRANT_MISSING. */
  errorReason?: string | undefined;
}

export interface ReadLogRequest {
  room: string;
  /** The page ends before this record. Neither this nor after_seq: the page is the newest one. */
  beforeSeq?: number | undefined;
  /** The page starts behind this record. */
  afterSeq?: number | undefined;
  /** 0: 50. A page ends earlier when it comes to 256 KB. */
  limit: number;
  /** Only this message and what answers it. */
  threadId?: string | undefined;
}

/** What a caller gives for {@link ReadLogRequest}: what is not required may be left out. */
export interface ReadLogRequestInit {
  room: string;
  /** The page ends before this record. Neither this nor after_seq: the page is the newest one. */
  beforeSeq?: number | undefined;
  /** The page starts behind this record. */
  afterSeq?: number | undefined;
  /** 0: 50. A page ends earlier when it comes to 256 KB. */
  limit?: number | undefined;
  /** Only this message and what answers it. */
  threadId?: string | undefined;
}

export interface ReadLogResponse {
  head: LogHead;
  /** In the order of the log, in either direction of reading. */
  records: LogRecord[];
  /** There is more in the direction of reading. */
  more: boolean;
}

export interface SearchRequest {
  room: string;
  /**
   * Words; the last may be the beginning of one when it has two letters. The newest million messages before `before_seq` are
   * looked through.
   */
  query: string;
  /** Only messages before this record: of the page before, its last one. */
  beforeSeq?: number | undefined;
  /** 0: 20. */
  limit: number;
}

/** What a caller gives for {@link SearchRequest}: what is not required may be left out. */
export interface SearchRequestInit {
  room: string;
  /**
   * Words; the last may be the beginning of one when it has two letters. The newest million messages before `before_seq` are
   * looked through.
   */
  query: string;
  /** Only messages before this record: of the page before, its last one. */
  beforeSeq?: number | undefined;
  /** 0: 20. */
  limit?: number | undefined;
}

export interface SearchResponse {
  /** The newest first. */
  records: LogRecord[];
  more: boolean;
}

export interface OpenDataRequest {
  room: string;
  /** Either may be empty, for a caller that only receives or only sends. */
  sendTransportId: string;
  recvTransportId: string;
}

/** What a caller gives for {@link OpenDataRequest}: what is not required may be left out. */
export interface OpenDataRequestInit {
  room: string;
  /** Either may be empty, for a caller that only receives or only sends. */
  sendTransportId?: string | undefined;
  recvTransportId?: string | undefined;
}

/** The SCTP streams of the caller's channels, which are negotiated here and not by DCEP (RFC 8832). */
export interface OpenDataResponse {
  sendReliableStream: number;
  sendLossyStream: number;
  recvReliableStream: number;
  recvLossyStream: number;
  maxMessageBytes: number;
  /** What comes faster is dropped. */
  messagesPerSecond: number;
}

/** What a client sends on its channels, as protobuf. */
export interface DataToServer {
  /** Empty: everybody else. */
  toPeerIds: string[];
  topic: string;
  payload: Uint8Array;
}

/** What comes on its channels, as protobuf. */
export interface DataToClient {
  fromPeerId: string;
  topic: string;
  payload: Uint8Array;
}

export interface DirectSignalRequest {
  room: string;
  generation: number;
  kind: 'offer' | 'answer' | 'candidate' | 'end';
  /** A session description or a candidate; the server does not read it. */
  data: string;
}

/** What a caller gives for {@link DirectSignalRequest}: what is not required may be left out. */
export interface DirectSignalRequestInit {
  room: string;
  generation?: number | undefined;
  kind: 'offer' | 'answer' | 'candidate' | 'end';
  /** A session description or a candidate; the server does not read it. */
  data?: string | undefined;
}

export type DirectSignalResponse = Record<string, never>;

export interface DirectReport {
  room: string;
  generation: number;
  /**
   * `connected`: packets can flow. `failed`: there is no way, or it broke. `bad`: too much is lost on it. `lifted`: after a
   * return to the server, everything is received through it again; with the generation of that return.
   */
  outcome: 'connected' | 'failed' | 'bad' | 'lifted';
  detail: string;
}

/** What a caller gives for {@link DirectReport}: what is not required may be left out. */
export interface DirectReportInit {
  room: string;
  generation?: number | undefined;
  /**
   * `connected`: packets can flow. `failed`: there is no way, or it broke. `bad`: too much is lost on it. `lifted`: after a
   * return to the server, everything is received through it again; with the generation of that return.
   */
  outcome: 'connected' | 'failed' | 'bad' | 'lifted';
  detail?: string | undefined;
}

/** How the caller sends in a room now. */
export interface MediaMode {
  /** `sfu`: through the server. `trying`: through the server, while a direct way is looked for. `direct`: to the other peer. */
  mode: 'sfu' | 'trying' | 'direct';
  /** Grows with each try and with each return to the server; a try that succeeds keeps its own. */
  generation: number;
  /** The other one of a direct call or of a try. */
  peerId: string;
  /** The caller makes the offer. */
  initiator: boolean;
  /** Why it is so. `joined`, `left`: somebody did. `policy`: a mute, a grant, or a client that cannot. */
  reason: '' | 'start' | 'joined' | 'left' | 'recording' | 'failed' | 'bad' | 'policy' | 'e2ee';
}

export interface PhoneDigit {
  room: string;
  peerId: string;
  /** 0 to 9, *, #, A to D. */
  digit: string;
  durationMs: number;
}

export interface HandRaised {
  room: string;
  peerId: string;
  identity: string;
  raised: boolean;
}

export interface UnmuteRequested {
  room: string;
  /** Who asks. */
  identity: string;
  name: string;
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

export interface LogRecords {
  room: string;
  epoch: string;
  records: LogRecord[];
}

export interface TypingChanged {
  room: string;
  identity: string;
  name: string;
  typing: boolean;
}

export interface MarkersChanged {
  room: string;
  markers: Marker[];
}

export interface LogGap {
  room: string;
  reason: 'epoch' | 'trimmed' | 'fork' | 'slow';
  head: LogHead;
}

export interface DirectOpened {
  room: string;
  /** The other person. */
  identity: string;
}

export interface Mentioned {
  room: string;
  record: LogRecord;
}

export interface ProducerAdded {
  room: string;
  peerId: string;
  producer: ProducerInfo;
  /**
   * The track that it takes the place of. Its sender goes on at another node or with another codec, and both can be received
   * until producerClosed tells of that one's end: whoever receives it had better change over when this one comes.
   */
  replacesProducerId?: string | undefined;
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
  /** `ended`: with its producer or transport. `restart`: it did not flow, consume the same producer again. */
  reason: '' | 'ended' | 'restart';
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
  /** Of the peers that it concerns. */
  mediaEpoch: number;
  routerRtpCapabilities: RtpCapabilities;
  /** Whose media is gone, all of it: their producers are no more. Empty: everybody's. */
  peerIds: string[];
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

export interface ProducerLayerWanted {
  room: string;
  producerId: string;
  /** From 0; -1: none is shown. */
  spatialLayer: number;
}

export interface SpeakersChanged {
  room: string;
  /** Empty: nobody speaks. */
  peerIds: string[];
}

export interface SdpOffer {
  room: string;
  offered: SdpOffered;
}

export interface SdpClosed {
  room: string;
  sessionId: string;
  /**
   * `transport`: the client was not heard of any more. `reset`: the media worker died; open another session.
   * `unanswered`: no answer came to an offer. `producer`: what was asked for by its id has ended.
   */
  reason: 'transport' | 'reset' | 'unanswered' | 'producer';
}

export interface MediaModeChanged {
  room: string;
  mode: MediaMode;
}

export interface DirectSignal {
  room: string;
  generation: number;
  kind: 'offer' | 'answer' | 'candidate' | 'end';
  data: string;
}

export interface QualityChanged {
  room: string;
  peers: PeerQuality[];
}

export interface RecordingChanged {
  room: string;
  recording: RecordingInfo;
}

export interface StoreChanged {
  state: 'up' | 'down';
  /** When that was, in milliseconds since 1970. */
  sinceMs: number;
}

export interface MoveRequested {
  /** Where to; empty: to any address of the server that it has. */
  url: string;
  /** Begin after this time: others move as well. */
  retryAfterMs: number;
  /** Until then this connection is served, in milliseconds from now. */
  deadlineMs: number;
}

export interface TrackQuality {
  producerId: string;
  direction: 'send' | 'recv';
  /** Bits per second. */
  bitrate: number;
  /** Share of packets, 0 to 1. */
  loss: number;
  jitterMs: number;
  rttMs: number;
  /** Since the last report. */
  freezeMs: number;
  framesPerSecond: number;
  /** 1 (bad) to 5 (as if there were no network); 0: not known. In a report it is ignored. */
  score: number;
  width: number;
  height: number;
}

/** What a caller gives for {@link TrackQuality}: what is not required may be left out. */
export interface TrackQualityInit {
  producerId?: string | undefined;
  direction?: 'send' | 'recv' | undefined;
  /** Bits per second. */
  bitrate?: number | undefined;
  /** Share of packets, 0 to 1. */
  loss?: number | undefined;
  jitterMs?: number | undefined;
  rttMs?: number | undefined;
  /** Since the last report. */
  freezeMs?: number | undefined;
  framesPerSecond?: number | undefined;
  /** 1 (bad) to 5 (as if there were no network); 0: not known. In a report it is ignored. */
  score?: number | undefined;
  width?: number | undefined;
  height?: number | undefined;
}

export interface QualityReport {
  room: string;
  tracks: TrackQuality[];
  /** The way that media takes. */
  path: '' | 'udp' | 'tcp' | 'relay' | 'direct';
}

/** What a caller gives for {@link QualityReport}: what is not required may be left out. */
export interface QualityReportInit {
  room: string;
  tracks?: TrackQualityInit[] | undefined;
  /** The way that media takes. */
  path?: '' | 'udp' | 'tcp' | 'relay' | 'direct' | undefined;
}

export type QualityReportResponse = Record<string, never>;

export interface PeerQuality {
  peerId: string;
  /** The worst of what it sends and receives, as TrackQuality.score. */
  score: number;
  /** Only of the caller itself, and for moderators of everybody. */
  tracks: TrackQuality[];
}

export interface GetQualityRequest {
  room: string;
}

/** What a caller gives for {@link GetQualityRequest}: what is not required may be left out. */
export interface GetQualityRequestInit {
  room: string;
}

export interface RoomQuality {
  peers: PeerQuality[];
}

export interface StartRecordingRequest {
  room: string;
  /** Empty: all. */
  sources: ('microphone' | 'camera' | 'screen' | 'screen-audio')[];
  title: string;
}

/** What a caller gives for {@link StartRecordingRequest}: what is not required may be left out. */
export interface StartRecordingRequestInit {
  room: string;
  /** Empty: all. */
  sources?: ('microphone' | 'camera' | 'screen' | 'screen-audio')[] | undefined;
  title?: string | undefined;
}

export interface RecordingRequest {
  room: string;
  recordingId: string;
}

/** What a caller gives for {@link RecordingRequest}: what is not required may be left out. */
export interface RecordingRequestInit {
  room: string;
  recordingId: string;
}

export interface ListRecordingsRequest {
  room: string;
  pageToken: string;
}

/** What a caller gives for {@link ListRecordingsRequest}: what is not required may be left out. */
export interface ListRecordingsRequestInit {
  room: string;
  pageToken?: string | undefined;
}

export interface ListRecordingsResponse {
  recordings: RecordingInfo[];
  /** Empty: there are no more. */
  nextPageToken: string;
}

export type RecordingDone = Record<string, never>;

export interface RecordingInfo {
  recordingId: string;
  room: string;
  /** `interrupted`: the server or the recorder ended in the middle of it; what there is is whole. */
  state: 'running' | 'stopping' | 'done' | 'interrupted' | 'failed';
  /** Milliseconds since 1970. */
  startedAtMs: number;
  /** 0: it runs. */
  endedAtMs: number;
  /** An identity. */
  startedBy: string;
  tracks: number;
  bytes: number;
  title: string;
  /**
   * The path of its manifest on this server, or its URL where another node has it; empty for those who may not fetch it,
   * and while it runs.
   */
  url: string;
  /** The node that has its files; empty where there is one alone. */
  node: string;
}

export interface JoinRequest {
  room: string;
  /**
   * Options of a room that this call creates; needs the grant `moderate`. Of a room that exists they are
   * ignored: the answer says what holds. `e2ee` alone needs the grant only where `rooms.e2ee` is `moderators`, and
   * of a room that exists none.
   */
  options?: RoomOptions | undefined;
  /** The client can send and receive without the server, where the room allows it. */
  directCapable: boolean;
  /**
   * Sent by clients that follow ROOM_ELSEWHERE: how often they have done so for this join. Absent: the room is served by
   * the node that was reached, wherever it had better be.
   */
  hops?: number | undefined;
}

/** What a caller gives for {@link JoinRequest}: what is not required may be left out. */
export interface JoinRequestInit {
  room: string;
  /**
   * Options of a room that this call creates; needs the grant `moderate`. Of a room that exists they are
   * ignored: the answer says what holds. `e2ee` alone needs the grant only where `rooms.e2ee` is `moderators`, and
   * of a room that exists none.
   */
  options?: RoomOptionsInit | undefined;
  /** The client can send and receive without the server, where the room allows it. */
  directCapable?: boolean | undefined;
  /**
   * Sent by clients that follow ROOM_ELSEWHERE: how often they have done so for this join. Absent: the room is served by
   * the node that was reached, wherever it had better be.
   */
  hops?: number | undefined;
}

export interface RoomOptions {
  /** How many peers may be in the room at once, at most the server's own limit. */
  maxPeers?: number | undefined;
  /** How long the room stays open with nobody in it. */
  idleTimeoutMs?: number | undefined;
  /** Whether two people who are alone may send to each other without the server. Empty: as the server is configured. */
  direct: '' | 'never' | 'auto';
  /**
   * Tracks are end-to-end encrypted: the room takes no others (VP8 and Opus), and nothing that would have to read them.
   * The server's `rooms.e2ee` may say otherwise: the answer says what holds.
   */
  e2ee: boolean;
}

/** What a caller gives for {@link RoomOptions}: what is not required may be left out. */
export interface RoomOptionsInit {
  /** How many peers may be in the room at once, at most the server's own limit. */
  maxPeers?: number | undefined;
  /** How long the room stays open with nobody in it. */
  idleTimeoutMs?: number | undefined;
  /** Whether two people who are alone may send to each other without the server. Empty: as the server is configured. */
  direct?: '' | 'never' | 'auto' | undefined;
  /**
   * Tracks are end-to-end encrypted: the room takes no others (VP8 and Opus), and nothing that would have to read them.
   * The server's `rooms.e2ee` may say otherwise: the answer says what holds.
   */
  e2ee?: boolean | undefined;
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
  /** The caller's: grows each time what it had went with a media worker; its transports of an older epoch are gone. */
  mediaEpoch: number;
  /** Whose voice is the loudest now; empty when nobody speaks. */
  activeSpeakerPeerId: string;
  /** The room's log: events go on behind this record. Log.sync brings what lies between the caller's cursor and it. */
  log: LogHead;
  unread: Unread;
  settings: RoomSettings;
  /**
   * When the caller may write again, in milliseconds since 1970, where a moderator muted it; absent: now.
   * Infinite mutes say 8640000000000000.
   */
  mutedUntilMs?: number | undefined;
  /** Whose voices are heard now. */
  speakerPeerIds: string[];
  mediaMode: MediaMode;
  /** Absent: nothing is recorded. */
  recording?: RecordingInfo | undefined;
}

export interface PeerInfo {
  peerId: string;
  /** Who it is, from the token's `sub`. Two peers of one person share it. */
  identity: string;
  name: string;
  /** Free text from the token, at most 4 KB. */
  metadata: string;
  /**
   * How the peer takes part: through an SDK or another client of this protocol, through the plain chat edge, by WHIP
   * (RFC 9725) or WHEP, or by phone.
   */
  kind: 'client' | 'chat' | 'whip' | 'whep' | 'phone';
  joinedAtMs: number;
  /** The connection is lost and may still come back. */
  away: boolean;
  producers: ProducerInfo[];
  /** Asks to speak. Absent: no. */
  handRaised?: boolean | undefined;
  /** With kind `phone`. */
  phone?: PhoneInfo | undefined;
}

/** A phone in a room. */
export interface PhoneInfo {
  /** As the network told it; empty where it is withheld. */
  number: string;
  /** The trunk that it came by; empty: a phone of this server. */
  trunk: string;
  /** Hears nothing and is not heard, by either side's wish. */
  held: boolean;
  /** Is not heard: by its own keypad or by a moderator. */
  muted: boolean;
  /** What it sends and hears now, as in PCMA; empty: nothing yet. */
  codec: string;
  encrypted: boolean;
  /** The call that it has a leg of; empty: it dialled into the room. */
  callId: string;
  /** What the dial plan took from the caller and the headers of its request. */
  attributes: Record<string, string>;
  /** It was not picked up yet: what it sends is an announcement, or how it rings there. */
  ringing: boolean;
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
  /** Of a picture at its largest, in pixels. Absent: not known. */
  width?: number | undefined;
  height?: number | undefined;
  /** The frames are end-to-end encrypted. */
  encrypted: boolean;
  /** Only in own_producers: the highest layer that anybody shows; -1: none is shown. Absent: all are wanted. */
  wantedLayer?: number | undefined;
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

export interface RaiseHandRequest {
  room: string;
  raised: boolean;
}

/** What a caller gives for {@link RaiseHandRequest}: what is not required may be left out. */
export interface RaiseHandRequestInit {
  room: string;
  raised?: boolean | undefined;
}

export type RaiseHandResponse = Record<string, never>;

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

/** A STUN or TURN server (RFC 8489, RFC 8656), as a browser's RTCPeerConnection takes it. */
export interface IceServer {
  /** As in `turn:turn.example.org:3478?transport=udp` (RFC 7065). */
  urls: string[];
  username: string;
  credential: string;
}

/** SCTP over DTLS (RFC 8841); the numbers of streams are as in ORTC. */
export interface SctpParameters {
  port: number;
  outgoingStreams: number;
  incomingStreams: number;
  /** In bytes. */
  maxMessageSize: number;
}

/** What a client shows of a track, in physical pixels. 0: it does not know. */
export interface ConsumerView {
  width: number;
  height: number;
  /** Nothing of it is seen now: nothing is forwarded. */
  hidden: boolean;
}

/** What a caller gives for {@link ConsumerView}: what is not required may be left out. */
export interface ConsumerViewInit {
  width?: number | undefined;
  height?: number | undefined;
  /** Nothing of it is seen now: nothing is forwarded. */
  hidden?: boolean | undefined;
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

/** A section of a session description that carries a track. */
export interface SdpTrack {
  /** RFC 5888. */
  mid: string;
  /** Empty in a request: by kind, the first sound is the microphone, the first picture the camera, the second the screen. */
  source: '' | 'microphone' | 'camera' | 'screen' | 'screen-audio';
  paused: boolean;
  /** Only the server says these. */
  producerId: string;
  peerId: string;
  /**
   * Of what is received, for media.setConsumerView, media.setPreferredLayers, media.pauseConsumer and media.reportStall.
   * It is another one when the track is offered anew.
   */
  consumerId: string;
}

/** What a caller gives for {@link SdpTrack}: what is not required may be left out. */
export interface SdpTrackInit {
  /** RFC 5888. */
  mid: string;
  /** Empty in a request: by kind, the first sound is the microphone, the first picture the camera, the second the screen. */
  source?: '' | 'microphone' | 'camera' | 'screen' | 'screen-audio' | undefined;
  paused?: boolean | undefined;
  /** Only the server says these. */
  producerId?: string | undefined;
  peerId?: string | undefined;
  /**
   * Of what is received, for media.setConsumerView, media.setPreferredLayers, media.pauseConsumer and media.reportStall.
   * It is another one when the track is offered anew.
   */
  consumerId?: string | undefined;
}

export interface PublishRequest {
  room: string;
  /** Empty: a new session. */
  sessionId: string;
  /**
   * In JSON each line end takes two bytes more, and a frame is 64 KB. A section of data channels has to be in the first offer
   * of a session; the channels are opened by data.open, whose send_transport_id is the session_id.
   */
  offer: string;
  tracks: SdpTrack[];
}

/** What a caller gives for {@link PublishRequest}: what is not required may be left out. */
export interface PublishRequestInit {
  room: string;
  /** Empty: a new session. */
  sessionId?: string | undefined;
  /**
   * In JSON each line end takes two bytes more, and a frame is 64 KB. A section of data channels has to be in the first offer
   * of a session; the channels are opened by data.open, whose send_transport_id is the session_id.
   */
  offer: string;
  tracks?: SdpTrackInit[] | undefined;
}

export interface PublishResponse {
  sessionId: string;
  answer: string;
  tracks: SdpTrack[];
  iceServers: IceServer[];
}

export interface SubscribeRequest {
  room: string;
  /**
   * An offer of the client with sections to receive, which is read for its codecs only. Empty: Opus, VP8 and the
   * Constrained Baseline of H.264.
   */
  capabilities: string;
  /** Everything that is sent in the room, as it comes and goes. */
  auto: boolean;
  producerIds: string[];
  /**
   * With a section for data channels, which are opened by data.open: its recv_transport_id is the session_id. Then there is an
   * offer even where nothing is sent.
   */
  data: boolean;
}

/** What a caller gives for {@link SubscribeRequest}: what is not required may be left out. */
export interface SubscribeRequestInit {
  room: string;
  /**
   * An offer of the client with sections to receive, which is read for its codecs only. Empty: Opus, VP8 and the
   * Constrained Baseline of H.264.
   */
  capabilities?: string | undefined;
  /** Everything that is sent in the room, as it comes and goes. */
  auto?: boolean | undefined;
  producerIds?: string[] | undefined;
  /**
   * With a section for data channels, which are opened by data.open: its recv_transport_id is the session_id. Then there is an
   * offer even where nothing is sent.
   */
  data?: boolean | undefined;
}

export interface SdpOffered {
  sessionId: string;
  /** Of the offer; the answer names it. */
  version: number;
  offer: string;
  tracks: SdpTrack[];
  iceServers: IceServer[];
}

export interface SelectRequest {
  room: string;
  sessionId: string;
  auto: boolean;
  /** Without `auto`: these, and none when the list is empty. */
  producerIds: string[];
}

/** What a caller gives for {@link SelectRequest}: what is not required may be left out. */
export interface SelectRequestInit {
  room: string;
  sessionId: string;
  auto?: boolean | undefined;
  /** Without `auto`: these, and none when the list is empty. */
  producerIds?: string[] | undefined;
}

export interface AnswerRequest {
  room: string;
  sessionId: string;
  version: number;
  answer: string;
}

/** What a caller gives for {@link AnswerRequest}: what is not required may be left out. */
export interface AnswerRequestInit {
  room: string;
  sessionId: string;
  version?: number | undefined;
  answer: string;
}

export interface TrickleRequest {
  room: string;
  sessionId: string;
  /** Without `a=`; empty: there are no more. */
  candidate: string;
  mid: string;
}

/** What a caller gives for {@link TrickleRequest}: what is not required may be left out. */
export interface TrickleRequestInit {
  room: string;
  sessionId: string;
  /** Without `a=`; empty: there are no more. */
  candidate?: string | undefined;
  mid?: string | undefined;
}

export interface SdpSessionRequest {
  room: string;
  sessionId: string;
}

/** What a caller gives for {@link SdpSessionRequest}: what is not required may be left out. */
export interface SdpSessionRequestInit {
  room: string;
  sessionId: string;
}

export type SdpDone = Record<string, never>;

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
  /** With SCTP, for the room's data. */
  data: boolean;
}

/** What a caller gives for {@link CreateTransportRequest}: what is not required may be left out. */
export interface CreateTransportRequestInit {
  room: string;
  direction: 'send' | 'recv';
  /** What the client can receive; required for `recv`. */
  rtpCapabilities?: RtpCapabilitiesInit | undefined;
  /** With SCTP, for the room's data. */
  data?: boolean | undefined;
}

export interface CreateTransportResponse {
  transportId: string;
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  dtlsParameters: DtlsParameters;
  /** Beside the server's own candidates: where a client relays that reaches none of them. */
  iceServers: IceServer[];
  /** Absent: without data. */
  sctpParameters?: SctpParameters | undefined;
  /** Clients are to use relays only. */
  relayOnly: boolean;
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
  /** Of a picture at its largest, in pixels. Absent: not known. */
  width?: number | undefined;
  height?: number | undefined;
  /** The frames are end-to-end encrypted. */
  encrypted: boolean;
  /**
   * The caller's own track of the same source that this one takes the place of, as with another codec: it is not ended by this
   * one's coming, so that both can be received for a moment. The caller closes it. Without it, whatever there was of the source ends.
   */
  replacesProducerId: string;
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
  /** Of a picture at its largest, in pixels. Absent: not known. */
  width?: number | undefined;
  height?: number | undefined;
  /** The frames are end-to-end encrypted. */
  encrypted?: boolean | undefined;
  /**
   * The caller's own track of the same source that this one takes the place of, as with another codec: it is not ended by this
   * one's coming, so that both can be received for a moment. The caller closes it. Without it, whatever there was of the source ends.
   */
  replacesProducerId?: string | undefined;
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
  /** Absent: as large as it is sent. */
  view?: ConsumerView | undefined;
}

/** What a caller gives for {@link ConsumeRequest}: what is not required may be left out. */
export interface ConsumeRequestInit {
  room: string;
  /** A transport of direction `recv`. */
  transportId: string;
  producerId: string;
  /** Absent: as large as it is sent. */
  view?: ConsumerViewInit | undefined;
}

export interface ConsumeResponse {
  consumerId: string;
  producerId: string;
  kind: 'audio' | 'video';
  rtpParameters: RtpParameters;
  producerPaused: boolean;
  /** How many layers the producer is sent in; 1 and 1 of a sound. */
  spatialLayers: number;
  temporalLayers: number;
  /** The frames are end-to-end encrypted. */
  encrypted: boolean;
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

export interface SetConsumerViewRequest {
  room: string;
  consumerId: string;
  view: ConsumerView;
}

/** What a caller gives for {@link SetConsumerViewRequest}: what is not required may be left out. */
export interface SetConsumerViewRequestInit {
  room: string;
  consumerId: string;
  view: ConsumerViewInit;
}

export interface SetProducerSizeRequest {
  room: string;
  producerId: string;
  width: number;
  height: number;
}

/** What a caller gives for {@link SetProducerSizeRequest}: what is not required may be left out. */
export interface SetProducerSizeRequestInit {
  room: string;
  producerId: string;
  width?: number | undefined;
  height?: number | undefined;
}

export interface GetIceServersRequest {
  room: string;
}

/** What a caller gives for {@link GetIceServersRequest}: what is not required may be left out. */
export interface GetIceServersRequestInit {
  room: string;
}

export interface GetIceServersResponse {
  iceServers: IceServer[];
  /** Milliseconds since 1970; 0: they do not expire. */
  expiresAtMs: number;
  relayOnly: boolean;
}

export interface CloseTransportRequest {
  room: string;
  transportId: string;
}

/** What a caller gives for {@link CloseTransportRequest}: what is not required may be left out. */
export interface CloseTransportRequestInit {
  room: string;
  transportId: string;
}

export type CloseTransportResponse = Record<string, never>;

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
  /** Kept out, by a ban or because they were removed. */
  identities: string[];
  /** The same with their ends, and those who may not write. */
  restrictions: Restriction[];
}

export interface Restriction {
  identity: string;
  kind: 'banned' | 'muted';
  /** Absent: until a moderator ends it. */
  untilMs?: number | undefined;
}

export interface BanIdentityRequest {
  room: string;
  identity: string;
  /** 0: until it is allowed again. */
  durationMs: number;
  /** Shown to the peers that are removed. */
  explanation: string;
}

/** What a caller gives for {@link BanIdentityRequest}: what is not required may be left out. */
export interface BanIdentityRequestInit {
  room: string;
  identity: string;
  /** 0: until it is allowed again. */
  durationMs?: number | undefined;
  /** Shown to the peers that are removed. */
  explanation?: string | undefined;
}

export type BanIdentityResponse = Record<string, never>;

export interface MuteIdentityRequest {
  room: string;
  identity: string;
  /** 0: it may write again. Absent: until it may write again. */
  durationMs?: number | undefined;
}

/** What a caller gives for {@link MuteIdentityRequest}: what is not required may be left out. */
export interface MuteIdentityRequestInit {
  room: string;
  identity: string;
  /** 0: it may write again. Absent: until it may write again. */
  durationMs?: number | undefined;
}

export type MuteIdentityResponse = Record<string, never>;

export interface ConfigureRoomRequest {
  room: string;
  /** All of them: what is left out is 0. */
  settings: RoomSettings;
}

/** What a caller gives for {@link ConfigureRoomRequest}: what is not required may be left out. */
export interface ConfigureRoomRequestInit {
  room: string;
  /** All of them: what is left out is 0. */
  settings: RoomSettingsInit;
}

export type ConfigureRoomResponse = Record<string, never>;

export interface RequestUnmuteRequest {
  room: string;
  peerId: string;
}

/** What a caller gives for {@link RequestUnmuteRequest}: what is not required may be left out. */
export interface RequestUnmuteRequestInit {
  room: string;
  peerId: string;
}

export type RequestUnmuteResponse = Record<string, never>;

export interface SetPhoneVolumeRequest {
  room: string;
  peerId: string;
  /** Decibels: 0 is as it comes. */
  volumeDb: number;
}

/** What a caller gives for {@link SetPhoneVolumeRequest}: what is not required may be left out. */
export interface SetPhoneVolumeRequestInit {
  room: string;
  peerId: string;
  /** Decibels: 0 is as it comes. */
  volumeDb?: number | undefined;
}

export type SetPhoneVolumeResponse = Record<string, never>;

export interface LowerHandRequest {
  room: string;
  peerId: string;
}

/** What a caller gives for {@link LowerHandRequest}: what is not required may be left out. */
export interface LowerHandRequestInit {
  room: string;
  peerId: string;
}

export type LowerHandResponse = Record<string, never>;

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
 * What a plain chat client sends, as JSON text: `message`, or `history` to get what was written before. What comes back:
 * `message` (with `id`, `seq` and `at` besides), `history` (with `messages` and `more`), `join` and `leave` (with `user`),
 * `error` (with `reason` and `content`).
 */
export interface PlainChatMessage {
  type: 'message' | 'history';
  /** With `message`, where it must not be empty. */
  content: string;
  /** How a guest that has no name yet wants to be called. Ignored afterwards, and where a token says the name. */
  user: string;
  /** With `message`: the client's own id, new for each message; the same again sends it once. Without it each is a new one. */
  clientId: string;
  /** With `history`: how many messages; 0: 50. */
  limit: number;
  /** With `history`: only what is older than this. */
  beforeSeq?: number | undefined;
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
  /** The rooms that the client is in: another node than the one that it was on can bring it back to these, as the same peer. */
  rooms: ResumedRoom[];
}

/** What a caller gives for {@link ResumeRequest}: what is not required may be left out. */
export interface ResumeRequestInit {
  sessionId: string;
  /** What ConnectResponse.resume_secret said. */
  secret: string;
  /** The rooms that the client is in: another node than the one that it was on can bring it back to these, as the same peer. */
  rooms?: ResumedRoomInit[] | undefined;
}

export interface ResumedRoom {
  room: string;
  /** As RoomSnapshot.peer_id said. */
  peerId: string;
}

/** What a caller gives for {@link ResumedRoom}: what is not required may be left out. */
export interface ResumedRoomInit {
  room: string;
  /** As RoomSnapshot.peer_id said. */
  peerId: string;
}

export interface ConnectResponse {
  sessionId: string;
  /** Proves the right to come back to this session; valid for one use, each connect gives a new one. */
  resumeSecret: string;
  /**
   * True when the session of the request's `resume` goes on. On the node that it was on, its peers and transports are as they
   * were. On another one its peers are those of `rooms`, with a new media epoch: join again what is missing there.
   */
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
  /** Of a cluster: whether what is sent can be kept now. Absent: this is not a cluster. */
  store?: 'up' | 'down' | undefined;
  /** Of a cluster: the name of the node, for logs and support. */
  node?: string | undefined;
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
  /**
   * Rings. Needs the grant `call` in the call's room (`call-` and its id where none is given), and `call:number` for numbers and
   * SIP addresses. Join the room of the answer to be in the call.
   */
  'call.start': { init: StartCallRequestInit; request: StartCallRequest; response: CallInfo };
  /** Takes a call that rings here. The first to do so has it; join its room then. */
  'call.accept': { init: AcceptCallRequestInit; request: AcceptCallRequest; response: CallInfo };
  /** Refuses a call for all devices of the caller. */
  'call.decline': { init: DeclineCallRequestInit; request: DeclineCallRequest; response: CallDone };
  /** Hangs up: one leg, or all. Whoever is left alone by that is hung up too. */
  'call.end': { init: EndCallRequestInit; request: EndCallRequest; response: CallDone };
  /** Rings further people, who come into the same room. */
  'call.add': { init: AddToCallRequestInit; request: AddToCallRequest; response: CallInfo };
  /** Hands the other side on and leaves: to somebody who is rung (blind), or to whom the caller has in another call (attended). */
  'call.transfer': { init: TransferCallRequestInit; request: TransferCallRequest; response: CallInfo };
  /** Puts a leg on hold, or goes on with it. Without `leg_id` the caller's own. */
  'call.hold': { init: HoldCallRequestInit; request: HoldCallRequest; response: CallInfo };
  /** Lets nobody hear a phone's leg, or ends that. One's own, or any for whoever started the call. */
  'call.mute': { init: MuteCallRequestInit; request: MuteCallRequest; response: CallInfo };
  /** Presses keys towards a phone's leg. */
  'call.sendDigits': { init: SendDigitsRequestInit; request: SendDigitsRequest; response: CallDone };
  /** The calls that the caller is in or that ring for it now: what a page shows after it was loaded anew. */
  'call.current': { init: CurrentCallsRequestInit; request: CurrentCallsRequest; response: CurrentCallsResponse };
  /** The calls that the caller had, the newest first. */
  'call.list': { init: ListCallsRequestInit; request: ListCallsRequest; response: ListCallsResponse };
  /** Sends a message. Sent again with the same client id it is not sent twice: the answer is that of the first time. */
  'chat.send': { init: SendMessageRequestInit; request: SendMessageRequest; response: Receipt };
  /** Changes the text of an own message. */
  'chat.edit': { init: EditMessageRequestInit; request: EditMessageRequest; response: Receipt };
  /** Deletes an own message, or with the grant `moderate` anybody's. Its text is erased from the log. */
  'chat.delete': { init: DeleteMessageRequestInit; request: DeleteMessageRequest; response: Receipt };
  /** Reacts to a message, or takes that back. What is so already may be answered with the record that made it so. */
  'chat.react': { init: ReactRequestInit; request: ReactRequest; response: Receipt };
  /** Says how far the caller has received and read. Never moves back. */
  'chat.mark': { init: MarkRequestInit; request: MarkRequest; response: MarkResponse };
  /** How far each person of the room has read. */
  'chat.listMarkers': { init: ListMarkersRequestInit; request: ListMarkersRequest; response: ListMarkersResponse };
  /** Says that the caller is writing, or has stopped. Say it again every 3 s; others forget it after 6 s. */
  'chat.setTyping': { init: SetTypingRequestInit; request: SetTypingRequest; response: SetTypingResponse };
  /**
   * Opens the direct conversation with somebody: the room of the two, always the same. Join it like any other; nobody else
   * can. Needs the grant `chat` in that room, as of a token for `dm:*`.
   */
  'chat.openDirect': { init: OpenDirectRequestInit; request: OpenDirectRequest; response: OpenDirectResponse };
  /** The caller's direct conversations, those with the newest messages first. */
  'chat.listDirects': { init: ListDirectsRequestInit; request: ListDirectsRequest; response: ListDirectsResponse };
  /**
   * What happened behind the caller's cursors, page by page: how a client that was away learns what it missed. Pages
   * of all rooms come to 256 KB together; call again with the cursors that the answer leads to until no room has `more`.
   */
  'log.sync': { init: SyncRequestInit; request: SyncRequest; response: SyncResponse };
  /** A page of the log, in either direction. */
  'log.read': { init: ReadLogRequestInit; request: ReadLogRequest; response: ReadLogResponse };
  /** Messages that have all the words, the newest first. */
  'log.search': { init: SearchRequestInit; request: SearchRequest; response: SearchResponse };
  /** Opens the channels of the caller on transports that were made with `data`. */
  'data.open': { init: OpenDataRequestInit; request: OpenDataRequest; response: OpenDataResponse };
  /** Hands something to the other peer. What belongs to an older generation is dropped without a word. */
  'direct.signal': { init: DirectSignalRequestInit; request: DirectSignalRequest; response: DirectSignalResponse };
  /** How the direct way fares. A report on an older generation is dropped without a word. */
  'direct.report': { init: DirectReportInit; request: DirectReport; response: DirectSignalResponse };
  /** What the caller's own WebRTC stack measured. It colours the scores of what the caller itself sends and receives only. */
  'quality.report': { init: QualityReportInit; request: QualityReport; response: QualityReportResponse };
  'quality.get': { init: GetQualityRequestInit; request: GetQualityRequest; response: RoomQuality };
  'recording.start': { init: StartRecordingRequestInit; request: StartRecordingRequest; response: RecordingInfo };
  'recording.stop': { init: RecordingRequestInit; request: RecordingRequest; response: RecordingInfo };
  /** The recordings of the room, the newest first. */
  'recording.list': { init: ListRecordingsRequestInit; request: ListRecordingsRequest; response: ListRecordingsResponse };
  'recording.delete': { init: RecordingRequestInit; request: RecordingRequest; response: RecordingDone };
  /** Joins a room, which is created when it does not exist. A session is in a room at most once. */
  'room.join': { init: JoinRequestInit; request: JoinRequest; response: RoomSnapshot };
  /** Leaves a room. Transports, producers and consumers of the peer are closed. */
  'room.leave': { init: LeaveRequestInit; request: LeaveRequest; response: LeaveResponse };
  /** The next page of the roster, in the order of joining. */
  'room.listPeers': { init: ListPeersRequestInit; request: ListPeersRequest; response: ListPeersResponse };
  /** Raises the caller's hand, or takes it down. */
  'room.raiseHand': { init: RaiseHandRequestInit; request: RaiseHandRequest; response: RaiseHandResponse };
  /**
   * Takes a client's offer to send. The same session_id again renegotiates, as tracks come and go; when the offer's
   * ice-ufrag changed it restarts ICE (RFC 8445 section 2.4).
   */
  'sdp.publish': { init: PublishRequestInit; request: PublishRequest; response: PublishResponse };
  /** Opens a session to receive, and answers with the server's offer. Later offers come as the event sdpOffer. */
  'sdp.subscribe': { init: SubscribeRequestInit; request: SubscribeRequest; response: SdpOffered };
  /** Which tracks a session receives; the next offer follows. */
  'sdp.select': { init: SelectRequestInit; request: SelectRequest; response: SdpDone };
  'sdp.answer': { init: AnswerRequestInit; request: AnswerRequest; response: SdpDone };
  /**
   * Checked and otherwise ignored: the server is ICE-lite and learns a client's addresses from its checks (RFC 8445
   * section 2.5).
   */
  'sdp.trickle': { init: TrickleRequestInit; request: TrickleRequest; response: SdpDone };
  /** Of a session that receives: an offer with new ICE credentials. One that sends calls sdp.publish. */
  'sdp.restartIce': { init: SdpSessionRequestInit; request: SdpSessionRequest; response: SdpOffered };
  'sdp.close': { init: SdpSessionRequestInit; request: SdpSessionRequest; response: SdpDone };
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
  /** How large the client shows a track, or that it does not. What nobody shows larger need not be sent larger. */
  'media.setConsumerView': { init: SetConsumerViewRequestInit; request: SetConsumerViewRequest; response: ConsumerResponse };
  /** What the caller sends has another size now, as a screen whose window was changed. */
  'media.setProducerSize': { init: SetProducerSizeRequestInit; request: SetProducerSizeRequest; response: ProducerResponse };
  /** The client decodes nothing of a consumer that should flow. */
  'media.reportStall': { init: ConsumerRequestInit; request: ConsumerRequest; response: ConsumerResponse };
  /** Fresh credentials of the STUN and TURN servers, for a client whose own are about to expire. */
  'media.getIceServers': { init: GetIceServersRequestInit; request: GetIceServersRequest; response: GetIceServersResponse };
  /** Ends a transport and what is on it: a client that makes another one need not wait until the server misses it. */
  'media.closeTransport': { init: CloseTransportRequestInit; request: CloseTransportRequest; response: CloseTransportResponse };
  /** Mutes a producer of any peer, or lifts that. */
  'moderation.muteProducer': { init: MuteProducerRequestInit; request: MuteProducerRequest; response: MuteProducerResponse };
  /** Removes a peer. Its identity stays out of this room until moderation.allowIdentity. */
  'moderation.removePeer': { init: RemovePeerRequestInit; request: RemovePeerRequest; response: RemovePeerResponse };
  /** Lets an identity that was removed join again. */
  'moderation.allowIdentity': { init: AllowIdentityRequestInit; request: AllowIdentityRequest; response: AllowIdentityResponse };
  /** Keeps an identity out of the room, for a time or until moderation.allowIdentity. Its peers there are removed. */
  'moderation.banIdentity': { init: BanIdentityRequestInit; request: BanIdentityRequest; response: BanIdentityResponse };
  /** Lets somebody stay and read but not write, for a time or until this is called again with 0. */
  'moderation.muteIdentity': { init: MuteIdentityRequestInit; request: MuteIdentityRequest; response: MuteIdentityResponse };
  /** Sets what holds in the room: slow mode, how long records are kept. */
  'moderation.configureRoom': { init: ConfigureRoomRequestInit; request: ConfigureRoomRequest; response: ConfigureRoomResponse };
  /** Asks somebody to unmute its microphone; a phone hears that it can. */
  'moderation.requestUnmute': { init: RequestUnmuteRequestInit; request: RequestUnmuteRequest; response: RequestUnmuteResponse };
  /** Sets how loud a phone hears the room. */
  'moderation.setPhoneVolume': { init: SetPhoneVolumeRequestInit; request: SetPhoneVolumeRequest; response: SetPhoneVolumeResponse };
  /** Takes somebody's raised hand down. */
  'moderation.lowerHand': { init: LowerHandRequestInit; request: LowerHandRequest; response: LowerHandResponse };
  /** Who is kept out of the room, and who may not write in it. */
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
  /** Something happened in a room that the caller follows; in order, without holes. */
  logRecords: LogRecords;
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
  /** What peers sent and received went with a media worker. Those that it concerns make transports anew, send and receive again. */
  mediaReset: MediaReset;
  /** A transport of the caller is dead (ICE or DTLS failed). */
  transportClosed: TransportClosed;
  /** The caller was removed from the room, or the room was closed. */
  roomLeft: RoomLeft;
  /** The token expires soon: call session.refresh. */
  tokenExpiring: TokenExpiring;
  /** The server is about to close this connection. */
  sessionClosing: SessionClosing;
  /** Somebody writes, or has stopped. */
  typingChanged: TypingChanged;
  /** How far people have read, collected over a second. Not told because of a message: its author has read everything up to it. */
  markersChanged: MarkersChanged;
  /** Records of a room are lost to this connection, which read too slowly: show the room anew from `head`. */
  logGap: LogGap;
  /** A direct conversation with the caller was opened, by either side. */
  directOpened: DirectOpened;
  /** Somebody mentioned the caller, or wrote in a direct conversation with it, in a room that it may join but is not in. */
  mentioned: Mentioned;
  /**
   * The highest layer of a track of the caller that anybody shows. Not ephemeral: one that was dropped could leave a
   * layer off.
   */
  producerLayerWanted: ProducerLayerWanted;
  /** Whose voices are heard now. */
  speakersChanged: SpeakersChanged;
  /** The next offer of an SDP session that receives: answer it with sdp.answer. */
  sdpOffer: SdpOffer;
  /** The room sends through the server from now on, or directly. */
  mediaModeChanged: MediaModeChanged;
  /** From the other peer of a direct call. */
  directSignal: DirectSignal;
  /** How well tracks come and go, of peers whose quality changed. */
  qualityChanged: QualityChanged;
  /** A recording of the room started, went on or ended. */
  recordingChanged: RecordingChanged;
  /** An SDP session of the caller ended by the server. */
  sdpClosed: SdpClosed;
  /** Of a cluster: what is sent cannot be kept now, or can again. Calls and whoever is on this node go on meanwhile. */
  storeChanged: StoreChanged;
  /** This node is about to stop, or cannot reach the others: resume the session on another one while this one still serves it. */
  moveRequested: MoveRequested;
  /** Somebody calls the receiver. */
  callIncoming: CallIncoming;
  /** A call of the receiver, or one that rings for it, is another now. */
  callChanged: CallChanged;
  callEnded: CallEnded;
  /** Somebody pressed a key of a phone in the room. Told now or never: it is kept nowhere. Not told while a PIN is asked for. */
  phoneDigit: PhoneDigit;
  /** Somebody wants to speak, or no longer. */
  handRaised: HandRaised;
  /** A moderator asks the receiver to unmute its microphone. */
  unmuteRequested: UnmuteRequested;
}

export type EventName = keyof Events;
