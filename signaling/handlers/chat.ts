import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { Chat } from '../chat.ts';
import type { People } from '../people/people.ts';
import { createConversationHandlers } from './conversation.ts';

interface ChatHandlerParts {
  readonly chat: Chat;
  readonly people: People;
}

export function createChatHandlers(parts: ChatHandlerParts): AreaHandlers<'chat', CallContext> {
  const { chat } = parts;
  return {
    send: (request, { peer }) => chat.send(peer, request),
    edit: (request, { peer }) => chat.edit(peer, request),
    delete: (request, { peer }) => chat.delete(peer, request),
    react: (request, { peer }) => chat.react(peer, request),
    ...createConversationHandlers(parts),
  };
}
