import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { CallDesk } from '../calls/call-desk.ts';
import type { Invitations } from '../calls/invitations.ts';
import type { Chat } from '../chat.ts';
import type { Takeovers } from '../cluster/takeovers.ts';
import type { DirectCalls } from '../direct/direct-calls.ts';
import type { IceServersFor } from '../ice-servers.ts';
import type { Timelines } from '../log/timelines.ts';
import type { People } from '../people/people.ts';
import type { Recordings } from '../recording/recordings.ts';
import type { Rooms } from '../rooms.ts';
import type { SdpEdge } from '../sdp/sdp-edge.ts';
import type { Sessions } from '../sessions.ts';
import type { SignalingOptions } from '../signaling-options.ts';
import type { StoreNews } from '../store-news.ts';
import type { TokenVerifier } from '../token-verifier.ts';

/** What handlers are made of; each takes of it what it needs. */
export interface HandlerParts {
  readonly sessions: Sessions;
  readonly rooms: Rooms;
  readonly chat: Chat;
  readonly people: People;
  readonly timelines: Timelines;
  readonly takeovers: Takeovers | undefined;
  /** Undefined: there are no other nodes. */
  readonly storeNews: Pick<StoreNews, 'state'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly verifier: TokenVerifier;
  readonly iceServersFor: IceServersFor;
  readonly sdp: SdpEdge;
  readonly recordings: Recordings;
  readonly direct: DirectCalls;
  readonly callDesk: CallDesk;
  readonly invitations: Invitations;
  readonly options: SignalingOptions;
}
