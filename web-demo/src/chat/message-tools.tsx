import type { Conversation } from '../state/conversation.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import type { MessageEntry } from './chat-entry.ts';
import { offeredReactions } from './reactions.ts';

interface MessageToolsProps {
  readonly message: MessageEntry;
  readonly conversation: Conversation;
  readonly onDelete: (message: MessageEntry) => void;
}

/** What can be done with a message, beside the one under the pointer or the focus. */
export function MessageTools({ message, conversation, onDelete }: MessageToolsProps) {
  const { canWrite, ownIdentity } = conversation;
  const reacted = (emoji: string): boolean =>
    message.reactions.some((reaction) => reaction.emoji === emoji && reaction.identities.includes(ownIdentity));
  return (
    <div class="message-tools">
      {canWrite && (
        <>
          <Menu
            label="React"
            icon="smile"
            row
            small
            items={offeredReactions.map(({ emoji, text }) => ({
              glyph: emoji,
              text,
              run: () => conversation.react(message, emoji, !reacted(emoji)),
            }))}
          />
          <IconButton icon="reply" label="Reply" class="quiet small" onClick={() => conversation.startReply(message)} />
        </>
      )}
      <Menu label="More for this message" small items={menuItems(message, conversation, onDelete)} />
    </div>
  );
}

function menuItems(
  message: MessageEntry,
  conversation: Conversation,
  onDelete: (message: MessageEntry) => void,
): MenuItem[] {
  const items: MenuItem[] = [
    {
      icon: 'chat',
      text: 'Show thread',
      run: () => {
        conversation.view.value = { name: 'thread', id: message.threadId ?? message.id };
      },
    },
    { icon: 'copy', text: 'Copy text', run: () => navigator.clipboard?.writeText(message.text).catch(() => {}) },
  ];
  if (message.own && conversation.canWrite) {
    items.push({ icon: 'pencil', text: 'Edit', run: () => conversation.startEdit(message) });
  }
  if ((message.own && conversation.canWrite) || conversation.canModerate) {
    items.push({ icon: 'trash', text: 'Delete…', tone: 'danger', run: () => onDelete(message) });
  }
  return items;
}
