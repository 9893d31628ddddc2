import type { Chat } from '../state/chat.ts';
import { Panel } from '../ui/panel.tsx';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';

export function ChatPanel({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  return (
    <Panel title="Chat" class="chat" onClose={onClose}>
      <MessageList chat={chat} />
      {chat.canWrite ? <Composer chat={chat} /> : <p class="chat-closed">Your token lets you read here, not write.</p>}
    </Panel>
  );
}
