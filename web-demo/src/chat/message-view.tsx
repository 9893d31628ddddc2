import type { Conversation } from '../state/conversation.ts';
import { Icon } from '../ui/icon.tsx';
import type { MessageEntry } from './chat-entry.ts';
import type { ListContext } from './list-context.ts';
import { MessageText } from './message-text.tsx';
import { MessageTools } from './message-tools.tsx';
import { nameList } from './name-list.ts';
import { Quote } from './quote.tsx';
import { ReactionBar } from './reaction-bar.tsx';

export const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

export function MessageView({ message, context }: { message: MessageEntry; context: ListContext }) {
  const { conversation, active, readBy, replies } = context;
  const isThere = message.state === 'sent' && message.deletedBy === undefined;
  const answers = message.threadId === undefined ? (replies.value.get(message.id) ?? 0) : 0;
  const activate = (): void => {
    active.value = message.key;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    // biome-ignore lint/a11y/useKeyWithClickEvents: a finger's way to what the focus does
    <div
      class="message"
      role="group"
      aria-label={`${conversation.nameOf(message.identity)}, ${clock.format(message.sentAtMs)}`}
      data-key={message.key}
      data-id={message.id}
      data-state={message.state}
      data-mentions-me={message.mentions.includes(conversation.ownIdentity)}
      tabIndex={-1}
      onPointerEnter={(event) => {
        // A menu that is open keeps its message: it would close with it.
        if (event.pointerType === 'mouse' && document.querySelector('.messages :popover-open') === null) activate();
      }}
      onClick={activate}
      onFocusIn={activate}
    >
      {message.replyTo !== undefined && context.quotes && <Quote id={message.replyTo} conversation={conversation} />}
      {message.deletedBy === undefined ? (
        <MessageText message={message} conversation={conversation} />
      ) : (
        <p class="message-deleted">
          {message.deletedBy === message.identity ? 'Message deleted' : 'Deleted by a moderator'}
        </p>
      )}
      {isThere && <ReactionBar message={message} conversation={conversation} />}
      {isThere && message.edited && <span class="message-mark">edited</span>}
      {message.state === 'sending' && <span class="message-mark">Sending…</span>}
      {message.state === 'failed' && <Failure message={message} conversation={conversation} />}
      {answers > 0 && context.quotes && (
        <button
          type="button"
          class="link-button message-thread"
          onClick={() => {
            conversation.view.value = { name: 'thread', id: message.id };
          }}
        >
          {answers === 1 ? '1 reply' : `${answers} replies`}
        </button>
      )}
      {readBy.value?.key === message.key && (
        <p class="message-mark">Read by {nameList(readBy.value.identities.map(conversation.nameOf))}</p>
      )}
      {isThere && active.value === message.key && (
        <MessageTools message={message} conversation={conversation} onDelete={context.onDelete} />
      )}
    </div>
  );
}

function Failure({ message, conversation }: { message: MessageEntry; conversation: Conversation }) {
  return (
    <div class="message-problem">
      <Icon name="alert" />
      <p>Not sent. {message.problem}</p>
      <div class="message-problem-actions">
        <button type="button" class="link-button" onClick={() => conversation.retry(message.id)}>
          Send again
        </button>
        <button type="button" class="link-button" onClick={() => conversation.discard(message.id)}>
          Discard
        </button>
      </div>
    </div>
  );
}
