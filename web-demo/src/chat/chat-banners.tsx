import type { Connection } from '../state/connection.ts';
import type { Conversation } from '../state/conversation.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { gapText } from './gap-text.ts';

/** What stands between the reader and the whole conversation: no connection, what is being fetched, what is lost. */
export function ChatBanners({ conversation, connection }: { conversation: Conversation; connection: Connection }) {
  const isOffline = connection.state.value !== 'connected';
  const waiting = conversation.waiting.value;
  const gap = conversation.gap.value;
  return (
    <div class="chat-banners" role="status">
      {isOffline && (
        <p class="chat-banner" data-tone="warning">
          <Icon name="alert" />
          <span>You are offline. {waitingText(waiting)}</span>
        </p>
      )}
      {!isOffline && conversation.catchingUp.value && (
        <p class="chat-banner">
          <span class="spinner" aria-hidden="true" />
          <span>Fetching what you missed…</span>
        </p>
      )}
      {gap !== undefined && (
        <p class="chat-banner" data-tone="warning">
          <Icon name="alert" />
          <span>{gapText(gap)}</span>
          <IconButton
            icon="close"
            label="Dismiss"
            class="quiet small"
            onClick={() => {
              conversation.gap.value = undefined;
            }}
          />
        </p>
      )}
    </div>
  );
}

function waitingText(waiting: number): string {
  if (waiting === 0) return 'What you write is sent when the connection is back.';
  const what = waiting === 1 ? '1 message is' : `${waiting} messages are`;
  return `${what} sent when the connection is back.`;
}
