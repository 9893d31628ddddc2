import type { Conversation } from '../state/conversation.ts';
import type { MessageEntry } from './chat-entry.ts';
import { summarizeReactions } from './reactions.ts';

export function ReactionBar({ message, conversation }: { message: MessageEntry; conversation: Conversation }) {
  const summary = summarizeReactions(message.reactions, conversation.ownIdentity, conversation.nameOf);
  if (summary.length === 0) return null;
  return (
    <ul class="reactions" aria-label="Reactions">
      {summary.map(({ emoji, count, own, title }) => (
        <li key={emoji}>
          <button
            type="button"
            class="reaction"
            title={title}
            aria-label={title}
            aria-pressed={own}
            disabled={!conversation.canWrite}
            onClick={() => conversation.react(message, emoji, !own)}
          >
            <span aria-hidden="true">{emoji}</span> {count}
          </button>
        </li>
      ))}
    </ul>
  );
}
