import type { Chat } from '../state/chat.ts';
import type { Connection } from '../state/connection.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Panel } from '../ui/panel.tsx';
import { ChatBanners } from './chat-banners.tsx';
import { Composer } from './composer.tsx';
import { ConversationTabs } from './conversation-tabs.tsx';
import { MessageList } from './message-list.tsx';
import { SearchView } from './search-view.tsx';
import { ThreadView } from './thread-view.tsx';
import { TypingLine } from './typing-line.tsx';

interface ChatPanelProps {
  readonly chat: Chat;
  readonly connection: Connection;
  readonly onClose: () => void;
}

export function ChatPanel({ chat, connection, onClose }: ChatPanelProps) {
  const conversation = chat.active.value;
  const view = conversation.view.value;
  const key = conversation.room;

  // Escape leaves what lies over the messages first, and then the panel.
  const close = (): void => {
    if (view.name === 'messages') onClose();
    else conversation.view.value = { name: 'messages' };
  };

  return (
    <Panel
      title="Chat"
      class="chat"
      onEscape={close}
      onClose={onClose}
      actions={
        <IconButton
          icon="search"
          label="Search messages"
          class="quiet"
          aria-expanded={view.name === 'search'}
          onClick={() => {
            conversation.view.value = view.name === 'search' ? { name: 'messages' } : { name: 'search' };
          }}
        />
      }
    >
      <div class="chat-top">
        <ConversationTabs chat={chat} />
        <ChatBanners conversation={conversation} connection={connection} />
      </div>
      {view.name === 'messages' && <MessageList key={key} conversation={conversation} />}
      {view.name === 'search' && <SearchView key={key} conversation={conversation} />}
      {view.name === 'thread' && <ThreadView key={`${key} ${view.id}`} conversation={conversation} id={view.id} />}
      {view.name !== 'search' && (
        <div class="chat-foot">
          <TypingLine names={conversation.typing.value} />
          {conversation.canWrite ? (
            <Composer key={key} conversation={conversation} />
          ) : (
            <p class="chat-closed">Your token lets you read here, not write.</p>
          )}
        </div>
      )}
    </Panel>
  );
}
