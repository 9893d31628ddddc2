// Every failure that a client can be told of. A reason is a stable name: it is never reused for something else.
// docs/errors.md is generated from here.

import { ContractViolation } from '../proto/read-message.ts';

/** gRPC's sixteen codes without OK. */
export type ErrorCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

interface Entry {
  readonly code: ErrorCode;
  /** `{name}` stands for the detail of that name. */
  readonly text: string;
}

export const errorRegistry = {
  // The connection and its frames
  BAD_FRAME: { code: 'INVALID_ARGUMENT', text: 'The frame could not be read: {problem}.' },
  FRAME_TOO_LARGE: { code: 'INVALID_ARGUMENT', text: 'The frame is larger than {maxBytes} bytes.' },
  REQUEST_TOO_LARGE: { code: 'INVALID_ARGUMENT', text: 'The request is larger than {maxBytes} bytes.' },
  UNKNOWN_METHOD: { code: 'UNIMPLEMENTED', text: 'There is no method {method}.' },
  BAD_REQUEST: { code: 'INVALID_ARGUMENT', text: '{field} {problem}.' },
  NOT_CONNECTED: { code: 'FAILED_PRECONDITION', text: 'Call session.connect first.' },
  ALREADY_CONNECTED: { code: 'FAILED_PRECONDITION', text: 'session.connect was called on this connection before.' },
  CONNECT_TIMEOUT: { code: 'DEADLINE_EXCEEDED', text: 'session.connect did not come in time.' },
  CALL_TIMEOUT: { code: 'DEADLINE_EXCEEDED', text: 'The call took longer than {timeoutMs} ms.' },
  CALL_CANCELLED: { code: 'CANCELLED', text: 'The connection closed before the call ended.' },
  TOO_MANY_CALLS: { code: 'RESOURCE_EXHAUSTED', text: 'More than {limit} calls are open on this connection.' },
  RATE_LIMITED: { code: 'RESOURCE_EXHAUSTED', text: 'Too many {what}.' },
  TOO_MANY_CONNECTIONS: { code: 'RESOURCE_EXHAUSTED', text: 'Too many connections.' },
  ORIGIN_REFUSED: { code: 'PERMISSION_DENIED', text: 'The page’s origin is not on the list of allowed origins.' },
  SLOW_CONSUMER: { code: 'RESOURCE_EXHAUSTED', text: 'The client reads slower than its events come.' },
  SERVER_DRAINING: { code: 'UNAVAILABLE', text: 'The server is stopping.' },
  INTERNAL: { code: 'INTERNAL', text: 'Something went wrong in the server.' },
  ROUTE_NOT_FOUND: { code: 'NOT_FOUND', text: 'There is nothing at this address.' },

  // Tokens
  TOKEN_MISSING: { code: 'UNAUTHENTICATED', text: 'A token is needed.' },
  TOKEN_MALFORMED: { code: 'UNAUTHENTICATED', text: 'The token is not a JSON Web Token.' },
  TOKEN_UNSIGNED: { code: 'UNAUTHENTICATED', text: 'Tokens without a signature (algorithm “none”) are refused.' },
  TOKEN_ALGORITHM_REFUSED: { code: 'UNAUTHENTICATED', text: 'The token’s algorithm is not the one of its key.' },
  TOKEN_KEY_UNKNOWN: { code: 'UNAUTHENTICATED', text: 'The token names a key that this server does not have.' },
  TOKEN_SIGNATURE_INVALID: { code: 'UNAUTHENTICATED', text: 'The token’s signature does not match its key.' },
  TOKEN_EXPIRED: { code: 'UNAUTHENTICATED', text: 'The token has expired.' },
  TOKEN_NOT_YET_VALID: { code: 'UNAUTHENTICATED', text: 'The token is not valid yet.' },
  TOKEN_WRONG_AUDIENCE: { code: 'UNAUTHENTICATED', text: 'The token is meant for another audience.' },
  TOKEN_WRONG_ISSUER: { code: 'UNAUTHENTICATED', text: 'The token comes from an issuer that is not trusted.' },
  TOKEN_CLAIMS_INVALID: { code: 'UNAUTHENTICATED', text: 'The token’s claim {field} {problem}.' },
  TOKEN_IDENTITY_CHANGED: {
    code: 'PERMISSION_DENIED',
    text: 'A session can only be refreshed with a token of the same identity.',
  },
  KEYS_UNAVAILABLE: { code: 'UNAVAILABLE', text: 'The keys to verify the token cannot be fetched now.' },
  GUESTS_NOT_ALLOWED: { code: 'UNAUTHENTICATED', text: 'This server does not let guests in: a token is needed.' },

  // Sessions and rooms
  RESUME_REFUSED: { code: 'NOT_FOUND', text: 'The session cannot be resumed: it ended, or the secret is not its own.' },
  SESSION_TAKEN_OVER: { code: 'ABORTED', text: 'The session goes on on another connection.' },
  GRANT_MISSING: { code: 'PERMISSION_DENIED', text: 'The token does not grant {grant} in this room.' },
  NOT_IN_ROOM: { code: 'FAILED_PRECONDITION', text: 'Join the room {room} first.' },
  ALREADY_IN_ROOM: { code: 'ALREADY_EXISTS', text: 'This session is in the room {room} already.' },
  ROOM_FULL: { code: 'RESOURCE_EXHAUSTED', text: 'The room {room} is full: it holds {limit}.' },
  TOO_MANY_ROOMS: { code: 'RESOURCE_EXHAUSTED', text: 'No more rooms can be opened: the limit is {limit}.' },
  TOO_MANY_ROOMS_JOINED: { code: 'RESOURCE_EXHAUSTED', text: 'A session can be in {limit} rooms at once.' },
  TOO_MANY_SESSIONS: { code: 'RESOURCE_EXHAUSTED', text: 'You have {limit} sessions, which is the limit.' },
  TOO_MANY_PEERS_OF_IDENTITY: {
    code: 'RESOURCE_EXHAUSTED',
    text: 'You are in the room {room} {limit} times, which is the limit.',
  },
  IDENTITY_REMOVED: { code: 'PERMISSION_DENIED', text: 'A moderator removed you from the room {room}.' },
  PEER_NOT_FOUND: { code: 'NOT_FOUND', text: 'There is no peer {peerId} in this room.' },
  CANNOT_REMOVE_SELF: { code: 'FAILED_PRECONDITION', text: 'A peer cannot remove itself: call room.leave.' },
  CANNOT_MUTE_SELF: { code: 'FAILED_PRECONDITION', text: 'Another moderator has to set whether you may write.' },
  MUTED: { code: 'PERMISSION_DENIED', text: 'A moderator does not let you write in this room now.' },
  SLOW_MODE: { code: 'RESOURCE_EXHAUSTED', text: 'In this room you can write every {slowModeMs} ms.' },
  ROOM_NOT_FOUND: { code: 'NOT_FOUND', text: 'There is no room {room}.' },
  NOT_A_PARTICIPANT: { code: 'PERMISSION_DENIED', text: 'The room {room} is the conversation of two others.' },

  // The log of a room
  STORE_BUSY: { code: 'RESOURCE_EXHAUSTED', text: 'Too much is waiting to be stored; try again.' },
  STORE_UNAVAILABLE: { code: 'UNAVAILABLE', text: 'Nothing can be stored or read now; try again.' },
  STORE_OUTCOME_UNKNOWN: {
    code: 'UNAVAILABLE',
    text: 'It is not known whether this was stored; try again with the same clientId.',
  },
  CLIENT_ID_CONFLICT: { code: 'ALREADY_EXISTS', text: 'Something else was sent with this clientId before.' },
  MESSAGE_NOT_FOUND: { code: 'NOT_FOUND', text: 'There is no message {messageId} in this room.' },
  MESSAGE_DELETED: { code: 'FAILED_PRECONDITION', text: 'The message {messageId} was deleted.' },
  MESSAGE_NOT_OWN: { code: 'PERMISSION_DENIED', text: 'Somebody else wrote the message {messageId}.' },
  TOO_MANY_REACTIONS: {
    code: 'RESOURCE_EXHAUSTED',
    text: 'A message can have {limit} different reactions, each of at most {people} people.',
  },

  // Media
  MEDIA_UNAVAILABLE: { code: 'UNAVAILABLE', text: 'Media cannot be served now; try again.' },
  TRANSPORT_NOT_FOUND: { code: 'NOT_FOUND', text: 'You have no transport {transportId}.' },
  TRANSPORT_WRONG_DIRECTION: {
    code: 'FAILED_PRECONDITION',
    text: 'The transport {transportId} is for the other direction.',
  },
  TRANSPORT_ALREADY_CONNECTED: {
    code: 'FAILED_PRECONDITION',
    text: 'The transport {transportId} is connected already.',
  },
  PRODUCER_NOT_FOUND: { code: 'NOT_FOUND', text: 'There is no producer {producerId} that you may use so.' },
  PRODUCER_LOCKED: { code: 'PERMISSION_DENIED', text: 'A moderator muted this track.' },
  CONSUMER_NOT_FOUND: { code: 'NOT_FOUND', text: 'You have no consumer {consumerId}.' },
  CANNOT_CONSUME: { code: 'FAILED_PRECONDITION', text: 'Your client cannot receive the codec of this producer.' },
  RTP_PARAMETERS_REFUSED: { code: 'INVALID_ARGUMENT', text: 'The RTP parameters were refused: {problem}.' },
  DTLS_PARAMETERS_REFUSED: { code: 'INVALID_ARGUMENT', text: 'The DTLS parameters were refused: {problem}.' },
  TOO_MANY_MEDIA_OBJECTS: { code: 'RESOURCE_EXHAUSTED', text: 'A peer can have {limit} {what}.' },
  NODE_OVERLOADED: { code: 'RESOURCE_EXHAUSTED', text: 'This server takes no more {what} now; try again.' },
  SDP_REFUSED: { code: 'INVALID_ARGUMENT', text: 'The session description was refused: {problem}.' },
  SDP_SESSION_NOT_FOUND: { code: 'NOT_FOUND', text: 'You have no SDP session {sessionId}.' },
  SDP_VERSION_PASSED: { code: 'ABORTED', text: 'The answer is not to offer {version}, which is the newest.' },
  NOTHING_TO_PLAY: { code: 'NOT_FOUND', text: 'Nobody sends what was asked for in the room {room}.' },
  PRECONDITION_REQUIRED: { code: 'FAILED_PRECONDITION', text: 'The header If-Match is needed.' },
  ICE_GENERATION_PASSED: { code: 'FAILED_PRECONDITION', text: 'The ICE session is another one by now.' },
  DIRECT_NOT_POSSIBLE: { code: 'FAILED_PRECONDITION', text: 'The room is not in a direct call: {problem}.' },
  E2EE_REFUSES: {
    code: 'FAILED_PRECONDITION',
    text: 'The room is end-to-end encrypted, which rules out {what}.',
  },
  E2EE_REQUIRED: { code: 'FAILED_PRECONDITION', text: 'The room takes encrypted tracks only.' },
  DATA_REFUSED: { code: 'INVALID_ARGUMENT', text: 'The data message was refused: {problem}.' },

  // Between nodes
  NODE_UNREACHABLE: { code: 'UNAVAILABLE', text: 'Another node of this server cannot be reached now; try again.' },
  ROOM_ELSEWHERE: { code: 'FAILED_PRECONDITION', text: 'The room {room} is on another node: connect to {url}.' },
  NODE_TOKEN_REFUSED: { code: 'UNAUTHENTICATED', text: 'The token of the node was refused: {problem}.' },
  NOT_OWNER: { code: 'ABORTED', text: 'This node does not own the room {room}.' },

  // Recordings
  RECORDING_NOT_FOUND: { code: 'NOT_FOUND', text: 'There is no recording {recordingId} of this room.' },
  RECORDING_RUNS: { code: 'ALREADY_EXISTS', text: 'The room is being recorded already, as {recordingId}.' },
  RECORDING_REFUSED: { code: 'FAILED_PRECONDITION', text: 'The recording cannot start: {problem}.' },

  // Calls and phones
  CALL_NOT_FOUND: { code: 'NOT_FOUND', text: 'You have no call {callId}.' },
  CALL_TAKEN: { code: 'ABORTED', text: 'The call {callId} was answered elsewhere.' },
  CALL_OVER: { code: 'FAILED_PRECONDITION', text: 'The call {callId} is over.' },
  CALL_LEG_NOT_FOUND: { code: 'NOT_FOUND', text: 'The call has no leg {legId} that you may use so.' },
  CALL_REFUSED: { code: 'FAILED_PRECONDITION', text: 'The call does not allow this: {problem}.' },
  CALL_LIMIT: { code: 'RESOURCE_EXHAUSTED', text: 'There can be {limit} {what}, which is the limit.' },
  SIP_TRUNK_NOT_FOUND: { code: 'NOT_FOUND', text: 'The dial plan has no trunk {trunk}.' },
  SIP_CALL_NOT_FOUND: { code: 'NOT_FOUND', text: 'Nothing is kept of the SIP call {callId}.' },
} as const satisfies Record<string, Entry>;

export type ErrorReason = keyof typeof errorRegistry;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/**
 * A failure that the caller may be told of. `cause` is for logs and is never sent. Only INTERNAL, which nobody expects, has a
 * stack: finding one out costs more than the whole of a refusal, and a server with too much to do refuses the most.
 */
export class AppError extends Error {
  readonly reason: ErrorReason;
  readonly details: ErrorDetails;
  /** When trying again makes sense, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: ErrorReason,
    details: ErrorDetails = {},
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    const { stackTraceLimit } = Error;
    if (reason !== 'INTERNAL') Error.stackTraceLimit = 0;
    super(
      fillIn(errorRegistry[reason].text, details),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'AppError';
    this.reason = reason;
    this.details = details;
    this.retryAfterMs = options.retryAfterMs;
  }

  get code(): ErrorCode {
    return errorRegistry[this.reason].code;
  }
}

/** What a caller is told of anything that was thrown: AppErrors as they are, everything else as INTERNAL. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof ContractViolation) {
    return new AppError('BAD_REQUEST', { field: thrown.path || 'The message', problem: thrown.problem });
  }
  return new AppError('INTERNAL', {}, { cause: thrown });
}

function fillIn(text: string, details: ErrorDetails): string {
  if (!text.includes('{')) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}
