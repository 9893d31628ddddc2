import type { Conversation } from '../state/conversation.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { excerpt } from './excerpt.ts';

/** What the message that is being written answers or replaces. */
export function ComposerContext({ conversation }: { conversation: Conversation }) {
  const writing = conversation.writing.value;
  if (writing.mode === 'message') return null;
  const message = writing.mode === 'reply' ? writing.to : writing.message;
  return (
    <div class="composer-context">
      <Icon name={writing.mode === 'reply' ? 'reply' : 'pencil'} />
      <p>
        <strong>
          {writing.mode === 'edit'
            ? 'Edit your message'
            : `Reply to ${message.own ? 'yourself' : conversation.nameOf(message.identity)}`}
        </strong>
        <span>{excerpt(message.text)}</span>
      </p>
      <IconButton
        icon="close"
        label={writing.mode === 'edit' ? 'Stop editing' : 'Do not reply'}
        class="quiet small"
        onClick={() => conversation.stopWriting()}
      />
    </div>
  );
}
