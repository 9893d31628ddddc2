import { useComputed, useSignal } from '@preact/signals';
import type { Conversation } from '../state/conversation.ts';
import type { MessageEntry } from './chat-entry.ts';
import type { ListContext } from './list-context.ts';
import { readBy } from './read-by.ts';
import { countReplies } from './thread.ts';

interface Options {
  readonly quotes: boolean;
  readonly onDelete: (message: MessageEntry) => void;
}

export function useListContext(conversation: Conversation, { quotes, onDelete }: Options): ListContext {
  const active = useSignal<string | undefined>(undefined);
  const readers = useComputed(() =>
    readBy(conversation.entries.value, conversation.markers.value, conversation.ownIdentity),
  );
  const replies = useComputed(() => countReplies(conversation.entries.value));
  return { conversation, active, readBy: readers, replies, quotes, onDelete };
}
