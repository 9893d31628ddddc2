// The whole contract: a method that has no handler does not compile.

import type { ContractHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { createCallHandlers } from './call.ts';
import { createChatHandlers } from './chat.ts';
import { dataHandlers } from './data.ts';
import { createDirectHandlers } from './direct.ts';
import type { HandlerParts } from './handler-parts.ts';
import { logHandlers } from './log.ts';
import { createMediaHandlers } from './media.ts';
import { createModerationHandlers } from './moderation.ts';
import { qualityHandlers } from './quality.ts';
import { createRecordingHandlers } from './recording.ts';
import { createRoomHandlers } from './room.ts';
import { createSdpHandlers } from './sdp.ts';
import { createSessionHandlers } from './session.ts';

export function createContractHandlers(parts: HandlerParts): ContractHandlers<CallContext> {
  return {
    call: createCallHandlers(parts.callDesk),
    session: createSessionHandlers(parts),
    room: createRoomHandlers(parts),
    chat: createChatHandlers(parts),
    log: logHandlers,
    media: createMediaHandlers(parts),
    sdp: createSdpHandlers(parts),
    direct: createDirectHandlers(parts),
    data: dataHandlers,
    quality: qualityHandlers,
    recording: createRecordingHandlers(parts),
    moderation: createModerationHandlers({ clock: parts.clock, maxHeld: parts.options.rooms.maxRemovedIdentities }),
  };
}
