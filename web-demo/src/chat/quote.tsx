import type { Conversation } from '../state/conversation.ts';
import { excerpt } from './excerpt.ts';

/** The message that another one answers; a press leads to it. */
export function Quote({ id, conversation }: { id: string; conversation: Conversation }) {
  const quoted = conversation.find(id);
  return (
    <button type="button" class="quote" onClick={() => void conversation.show(id)}>
      {quoted === undefined ? (
        <span>An earlier message</span>
      ) : (
        <>
          <strong>{conversation.nameOf(quoted.identity)}</strong>
          <span>{quoted.deletedBy === undefined ? excerpt(quoted.text) : 'Message deleted'}</span>
        </>
      )}
    </button>
  );
}
