import type { IceServer } from '../../proto/gen/types.ts';

/** WHIP (RFC 9725) brings one stream into a room, WHEP (draft-ietf-wish-whep) takes one out. */
export type IngestMode = 'whip' | 'whep';

export interface IngestRequest {
  readonly mode: IngestMode;
  readonly room: string;
  readonly token: string;
  /** Empty: the server is to offer, which it does for WHEP alone. */
  readonly offer: string;
  /** WHEP: whom to play, by peer id or identity; undefined: whoever is to be seen. */
  readonly peer: string | undefined;
  /** WHEP: what to play; WHIP: what it is, a camera unless it is said to be a screen. */
  readonly source: 'camera' | 'screen' | undefined;
}

export interface IngestOpened {
  readonly sessionId: string;
  /** `offer`: to be answered by {@link IngestEdge.answer}. */
  readonly kind: 'answer' | 'offer';
  readonly sdp: string;
  /** Of the ICE session, with its quotes (RFC 9110 section 8.8.3). */
  readonly etag: string;
  readonly iceServers: readonly IceServer[];
}

/** A session, and who says so: the id alone opens nothing. */
export interface IngestTarget {
  readonly mode: IngestMode;
  readonly room: string;
  readonly sessionId: string;
  readonly token: string;
}

/** What the HTTP routes of WHIP and WHEP do. Everything rejects with AppError. */
export interface IngestEdge {
  /**
   * @throws {AppError} TOKEN_…, GRANT_MISSING, RATE_LIMITED with `maxSessions` of them, SDP_REFUSED, E2EE_REFUSES,
   * NOTHING_TO_PLAY, CANNOT_CONSUME when the client decodes nothing of what it would get
   */
  open(request: IngestRequest): Promise<IngestOpened>;
  /**
   * A fragment (RFC 8840) of the client's: more candidates, or an ICE restart, which is answered by a fragment.
   * @throws {AppError} SDP_SESSION_NOT_FOUND, PRECONDITION_REQUIRED, ICE_GENERATION_PASSED, SDP_REFUSED
   */
  patch(
    target: IngestTarget,
    fragment: string,
    ifMatch: string | undefined,
  ): Promise<{ readonly etag: string; readonly fragment: string | undefined }>;
  /** To the server's offer. @throws {AppError} SDP_SESSION_NOT_FOUND, SDP_VERSION_PASSED, SDP_REFUSED */
  answer(target: IngestTarget, answer: string): Promise<void>;
  /** @throws {AppError} SDP_SESSION_NOT_FOUND */
  close(target: IngestTarget): Promise<void>;
}

/** WHIP and WHEP; see server/config/ingest-section.ts. */
export interface IngestOptions {
  readonly maxSessions: number;
  /** Different sets of payload types of players in one room; each costs a router. */
  readonly whepMaxProfiles: number;
}
