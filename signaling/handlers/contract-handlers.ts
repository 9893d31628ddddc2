// The whole contract: a method that has no handler does not compile.

import type { Clock } from '../../core/clock.ts';
import type { ContractHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { Chat } from '../chat.ts';
import type { Timelines } from '../log/timelines.ts';
import type { People } from '../people/people.ts';
import type { Rooms } from '../rooms.ts';
import type { Sessions } from '../sessions.ts';
import type { SignalingOptions } from '../signaling-options.ts';
import type { TokenVerifier } from '../token-verifier.ts';
import { createChatHandlers } from './chat.ts';
import { logHandlers } from './log.ts';
import { mediaHandlers } from './media.ts';
import { createModerationHandlers } from './moderation.ts';
import { createRoomHandlers } from './room.ts';
import { createSessionHandlers } from './session.ts';

interface HandlerParts {
  readonly sessions: Sessions;
  readonly rooms: Rooms;
  readonly chat: Chat;
  readonly people: People;
  readonly timelines: Timelines;
  readonly clock: Clock;
  readonly verifier: TokenVerifier;
  readonly options: SignalingOptions;
}

export function createContractHandlers(parts: HandlerParts): ContractHandlers<CallContext> {
  return {
    session: createSessionHandlers(parts),
    room: createRoomHandlers(parts.rooms),
    chat: createChatHandlers(parts),
    log: logHandlers,
    media: mediaHandlers,
    moderation: createModerationHandlers({ clock: parts.clock, maxHeld: parts.options.rooms.maxRemovedIdentities }),
  };
}
