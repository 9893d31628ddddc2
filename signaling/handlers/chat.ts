import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { Chat } from '../chat.ts';

export function createChatHandlers(chat: Chat): AreaHandlers<'chat', CallContext> {
  return {
    send: ({ text }, { peer }) => ({ message: chat.post(peer, text) }),
  };
}
