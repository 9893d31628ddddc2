import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import type { MessageEntry } from './chat-entry.ts';
import type { ChatGroup } from './group-messages.ts';
import { nameList } from './name-list.ts';
import { splitLinks } from './split-links.ts';

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

interface ChatGroupViewProps {
  readonly group: ChatGroup;
  readonly onRetry: (id: string) => void;
}

export function ChatGroupView({ group, onRetry }: ChatGroupViewProps) {
  if (group.kind === 'event') {
    return (
      <p class="chat-event">
        {nameList(group.names)} {group.what}
      </p>
    );
  }
  return (
    <article class="message-group" data-own={group.own}>
      {!group.own && <Avatar name={group.name} identity={group.identity} />}
      <div class="message-column">
        <p class="message-head">
          <strong>{group.own ? 'You' : group.name}</strong>
          <time dateTime={new Date(group.sentAtMs).toISOString()}>{clock.format(group.sentAtMs)}</time>
        </p>
        {group.messages.map((message) => (
          <Message key={message.id} message={message} onRetry={onRetry} />
        ))}
      </div>
    </article>
  );
}

function Message({ message, onRetry }: { message: MessageEntry; onRetry: (id: string) => void }) {
  return (
    <div class="message" data-state={message.state}>
      <p class="message-text" dir="auto">
        {splitLinks(message.text).map((part, index) =>
          part.kind === 'text' ? (
            part.text
          ) : (
            <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
              {part.text}
            </a>
          ),
        )}
      </p>
      {message.state === 'failed' && (
        <p class="message-problem">
          <Icon name="alert" />
          <span>
            Not sent. {message.problem}{' '}
            <button type="button" class="link-button" onClick={() => onRetry(message.id)}>
              Send again
            </button>
          </span>
        </p>
      )}
    </div>
  );
}
