import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';

export type ConversationHandlers = Pick<
  AreaHandlers<'chat', CallContext>,
  'mark' | 'listMarkers' | 'setTyping' | 'openDirect' | 'listDirects'
>;

export function createConversationHandlers(): ConversationHandlers {
  const missing = (method: string) => () => {
    throw new AppError('UNKNOWN_METHOD', { method });
  };
  return {
    mark: missing('chat.mark'),
    listMarkers: missing('chat.listMarkers'),
    setTyping: missing('chat.setTyping'),
    openDirect: missing('chat.openDirect'),
    listDirects: missing('chat.listDirects'),
  };
}
