/** What the server refused, or why the connection ended. `reason` is one of docs/errors.md or of {@link sdkReasons}. */
export class ParleyError extends Error {
  readonly reason: string;
  /** The family of the reason, as in `UNAVAILABLE`; empty where the SDK found the failure itself. */
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: string,
    message: string,
    options: {
      code?: string;
      details?: Readonly<Record<string, string>>;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ParleyError';
    this.reason = reason;
    this.code = options.code ?? '';
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The failures that the SDK finds itself. Where the server has the same failure, the reason has the same name. */
export const sdkReasons = {
  UNREACHABLE: 'The server cannot be reached.',
  CONNECTION_LOST: 'The connection was lost. Calls that were open may have been carried out or not.',
  MOVE_REQUESTED: 'The server asked to go on at another node. Calls that were open may have been carried out or not.',
  NOT_CONNECTED: 'There is no connection to the server now: nothing was sent.',
  CLIENT_CLOSED: 'The client was closed.',
  TOKEN_UNAVAILABLE: 'The application could not give a token.',
  BAD_FRAME: 'The server sent a frame that cannot be read.',
  FRAME_TOO_LARGE: 'The call is larger than the server accepts: nothing was sent.',
  TOO_MANY_CALLS: 'Too many calls are open: nothing was sent.',
  CALL_TIMEOUT: 'The server did not answer in time.',
  ALREADY_IN_ROOM: 'This client is in the room already.',
  NOT_IN_ROOM: 'This client is not in the room any more.',
  BAD_REQUEST: 'What was given to the method is not what it takes: nothing was sent.',
  OUTBOX_FULL: 'Too many messages of this room wait for the server: this one was not taken.',
  OUTBOX_UNAVAILABLE: 'Messages that wait cannot be kept over a reload now. They are sent all the same.',
  IDENTITY_CHANGED: 'Somebody else is signed in now: the message was not sent.',
  CALL_OVER: 'The call is over.',
  MEDIA_UNSUPPORTED: 'This platform cannot send or receive such media.',
  MEDIA_UNAVAILABLE: 'The media library could not be loaded now; try again.',
  MEDIA_TIMEOUT: 'The media path did not come up in time.',
  TRACK_ENDED: 'The track has ended: its device or its screen is gone, or it was stopped.',
  TRACK_CLOSED: 'The track was closed.',
  PRODUCER_LOCKED: 'A moderator muted this track.',
  PRODUCER_NOT_FOUND: 'Nobody in the room sends this track.',
  E2EE_UNSUPPORTED:
    'Tracks cannot be encrypted here: the platform or the worker that the application gave does not do it.',
  E2EE_KEY_MISSING: 'The room is end-to-end encrypted, and no key was given to send with.',
  E2EE_NOT_OFFERED: 'The room is not end-to-end encrypted, as it was asked for or was before.',
  DATA_REFUSED: 'The data message was refused: it is too large, or there were too many.',
} as const;

export type SdkReason = keyof typeof sdkReasons;

export function sdkError(reason: SdkReason, cause?: unknown): ParleyError {
  return new ParleyError(reason, sdkReasons[reason], { cause });
}

/** Errors of the SDK as they are; anything else as `otherwise`, with the thrown value as its cause. */
export function toParleyError(thrown: unknown, otherwise: SdkReason): ParleyError {
  return thrown instanceof ParleyError ? thrown : sdkError(otherwise, thrown);
}
