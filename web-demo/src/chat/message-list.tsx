import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';
import { Icon } from '../ui/icon.tsx';
import type { MessageEntry } from './chat-entry.ts';
import { ChatItemView } from './chat-item-view.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { groupEntries } from './group-entries.ts';
import { moveAmongMessages } from './move-among-messages.ts';
import { unreadFrom } from './unread-line.ts';
import { useListContext } from './use-list-context.ts';
import { useMessageScroll } from './use-message-scroll.ts';
import { useReading } from './use-reading.ts';

/** The messages, newest last. Who has scrolled up to read is left there and told that there is more. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const list = useRef<HTMLDivElement>(null);
  const deleting = useSignal<MessageEntry | undefined>(undefined);
  const scroll = useMessageScroll(conversation, list);
  const context = useListContext(conversation, {
    quotes: true,
    onDelete: (message) => {
      deleting.value = message;
    },
  });
  useReading(conversation, scroll.follows.value);
  const items = useComputed(() => {
    const entries = conversation.entries.value;
    const from = conversation.lineReady.value ? unreadFrom(entries, conversation.lineAfter.value) : undefined;
    return groupEntries(entries.slice(-scroll.shown.value), { unreadFrom: from });
  }).value;
  const isWhole = !conversation.hasOlder.value && scroll.shown.value >= conversation.entries.value.length;

  return (
    <div class="messages-frame">
      {/* Its additions are read aloud by the call's own region: here, older messages would be read as well. */}
      <div
        ref={list}
        class="messages"
        role="log"
        aria-label="Messages"
        aria-live="off"
        aria-busy={conversation.loadingOlder.value}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: Safari scrolls by keyboard only what can be focused
        tabIndex={0}
        onScroll={scroll.onScroll}
        onPointerLeave={(event) => {
          // What has the focus in it, or a menu open, keeps its tools.
          const isBusy = event.currentTarget.contains(document.activeElement);
          if (event.pointerType === 'mouse' && !isBusy) context.active.value = undefined;
        }}
        onKeyDown={(event) => {
          if (moveAmongMessages(event.currentTarget, event.key)) event.preventDefault();
        }}
      >
        {!isWhole && (
          <p class="messages-top" role="status">
            {conversation.loadingOlder.value && (
              <>
                <span class="spinner" aria-hidden="true" />
                Loading earlier messages…
              </>
            )}
          </p>
        )}
        {isWhole && items.length > 0 && <p class="messages-top">This is the beginning of the conversation.</p>}
        {items.length === 0 && isWhole && (
          <p class="messages-empty">
            No messages yet.
            <br />
            {conversation.isDirect
              ? `Only you and ${conversation.title.value} can read what you write here.`
              : 'Everyone in the room can read what you write here.'}
          </p>
        )}
        {items.map((item) => (
          <ChatItemView key={item.key} item={item} context={context} />
        ))}
      </div>
      {!scroll.follows.value && <JumpButton conversation={conversation} onJump={scroll.toEnd} />}
      {deleting.value !== undefined && (
        <DeleteDialog
          message={deleting.value}
          conversation={conversation}
          onClose={() => {
            deleting.value = undefined;
          }}
        />
      )}
    </div>
  );
}

function JumpButton({ conversation, onJump }: { conversation: Conversation; onJump: () => void }) {
  const unread = conversation.unread.value;
  return (
    <button type="button" class="button small more-messages" onClick={onJump}>
      <Icon name="arrowDown" />
      {unread === 0 ? 'Jump to latest' : unread === 1 ? '1 new message' : `${unread} new messages`}
    </button>
  );
}
