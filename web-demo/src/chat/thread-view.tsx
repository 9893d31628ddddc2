import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Conversation } from '../state/conversation.ts';
import { IconButton } from '../ui/icon-button.tsx';
import type { MessageEntry } from './chat-entry.ts';
import { ChatItemView } from './chat-item-view.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { groupEntries } from './group-entries.ts';
import { moveAmongMessages } from './move-among-messages.ts';
import { threadEntries } from './thread.ts';
import { useListContext } from './use-list-context.ts';

/** A message and what answers it. */
export function ThreadView({ conversation, id }: { conversation: Conversation; id: string }) {
  const fetched = useSignal<readonly MessageEntry[]>([]);
  const problem = useSignal<string | undefined>(undefined);
  const deleting = useSignal<MessageEntry | undefined>(undefined);
  const context = useListContext(conversation, {
    quotes: false,
    onDelete: (message) => {
      deleting.value = message;
    },
  });

  useEffect(() => {
    let isShown = true;
    conversation
      .thread(id)
      .then((messages) => {
        if (isShown) fetched.value = messages;
      })
      .catch((error: unknown) => {
        if (isShown) problem.value = explainBriefly(error);
      });
    return () => {
      isShown = false;
    };
  }, [conversation, id]);

  const items = useComputed(() => groupEntries(threadEntries(id, fetched.value, conversation.entries.value))).value;
  const back = (): void => {
    conversation.view.value = { name: 'messages' };
  };

  return (
    <section class="thread" aria-label="Thread">
      <header class="view-header">
        <IconButton icon="arrowLeft" label="Back to all messages" class="quiet" onClick={back} />
        <h3>Thread</h3>
      </header>
      {problem.value !== undefined && <p class="view-problem">{problem.value}</p>}
      {/* biome-ignore lint/a11y/useSemanticElements: nothing to fill in here, and a log is no form */}
      <div
        class="messages"
        role="group"
        aria-label="Messages of the thread"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: Safari scrolls by keyboard only what can be focused
        tabIndex={0}
        onKeyDown={(event) => {
          if (moveAmongMessages(event.currentTarget, event.key)) event.preventDefault();
        }}
      >
        {items.map((item) => (
          <ChatItemView key={item.key} item={item} context={context} />
        ))}
      </div>
      {deleting.value !== undefined && (
        <DeleteDialog
          message={deleting.value}
          conversation={conversation}
          onClose={() => {
            deleting.value = undefined;
          }}
        />
      )}
    </section>
  );
}
