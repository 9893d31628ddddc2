import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { Chat } from '../chat.ts';
import type { Peer } from '../peer.ts';
import type { People } from '../people/people.ts';
import { createConversationHandlers } from './conversation.ts';

interface ChatHandlerParts {
  readonly chat: Chat;
  readonly people: People;
}

export function createChatHandlers(parts: ChatHandlerParts): AreaHandlers<'chat', CallContext> {
  const { chat } = parts;
  return {
    send: (request, { peer }) => chat.send(withSpace(peer), request),
    edit: (request, { peer }) => chat.edit(withSpace(peer), request),
    delete: (request, { peer }) => chat.delete(withSpace(peer), request),
    react: (request, { peer }) => chat.react(withSpace(peer), request),
    ...createConversationHandlers(parts),
  };
}

/** Refuses in this turn, before anything is done: a server with too much to do has no time for that. @throws {AppError} STORE_BUSY */
function withSpace(peer: Peer): Peer {
  peer.room.timeline.requireSpace();
  return peer;
}
