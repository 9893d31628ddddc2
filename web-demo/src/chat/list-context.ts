import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Conversation } from '../state/conversation.ts';
import type { MessageEntry } from './chat-entry.ts';
import type { ReadBy } from './read-by.ts';

/** What every message of a list knows of it. */
export interface ListContext {
  readonly conversation: Conversation;
  /** The key of the message under the pointer or the focus: its tools are shown. */
  readonly active: Signal<string | undefined>;
  readonly readBy: ReadonlySignal<ReadBy | undefined>;
  /** How many answers a thread has, by its first message. */
  readonly replies: ReadonlySignal<ReadonlyMap<string, number>>;
  /** Whether messages say what they answer: in a thread that is plain. */
  readonly quotes: boolean;
  readonly onDelete: (message: MessageEntry) => void;
}
