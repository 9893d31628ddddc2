import type { Chat } from '../state/chat.ts';
import type { Conversation } from '../state/conversation.ts';

/** Which conversation is shown; there is nothing to choose with one. */
export function ConversationTabs({ chat }: { chat: Chat }) {
  const conversations = chat.conversations.value;
  if (conversations.length < 2) return null;
  return (
    <nav class="conversations" aria-label="Conversations">
      {conversations.map((conversation) => (
        <ConversationTab
          key={conversation.room}
          conversation={conversation}
          current={conversation === chat.active.value}
          onSelect={() => chat.select(conversation)}
        />
      ))}
    </nav>
  );
}

interface ConversationTabProps {
  readonly conversation: Conversation;
  readonly current: boolean;
  readonly onSelect: () => void;
}

function ConversationTab({ conversation, current, onSelect }: ConversationTabProps) {
  const unread = conversation.unread.value;
  const title = conversation.title.value;
  return (
    <button
      type="button"
      class="conversation"
      aria-label={unread > 0 ? `${title}, ${unread} unread` : title}
      aria-current={current ? 'true' : undefined}
      onClick={onSelect}
    >
      <span class="conversation-title">{title}</span>
      {unread > 0 && (
        <span class="count" data-mentions={conversation.unreadMentions.value > 0}>
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </button>
  );
}
