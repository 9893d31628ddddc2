import { Avatar } from '../ui/avatar.tsx';
import { dayLabel } from './day-label.ts';
import { describeEvent } from './describe-event.ts';
import type { ChatItem } from './group-entries.ts';
import type { ListContext } from './list-context.ts';
import { clock, MessageView } from './message-view.tsx';

export function ChatItemView({ item, context }: { item: ChatItem; context: ListContext }) {
  const { conversation } = context;
  if (item.kind === 'day') {
    return (
      <h3 class="chat-line">
        <span>{dayLabel(item.atMs, Date.now())}</span>
      </h3>
    );
  }
  if (item.kind === 'unread') {
    return (
      <p class="chat-line" data-tone="unread">
        <span>New messages</span>
      </p>
    );
  }
  if (item.kind === 'event') {
    return (
      <p class="chat-event" data-key={item.key} title={clock.format(item.atMs)}>
        {describeEvent(item, conversation.nameOf)}
      </p>
    );
  }
  return (
    <article class="message-group" data-own={item.own}>
      {!item.own && <Avatar name={item.name} identity={item.identity} />}
      <div class="message-column">
        <p class="message-head">
          <strong>{item.own ? 'You' : item.name}</strong>
          <time dateTime={new Date(item.sentAtMs).toISOString()}>{clock.format(item.sentAtMs)}</time>
        </p>
        {item.messages.map((message) => (
          <MessageView key={message.key} message={message} context={context} />
        ))}
      </div>
    </article>
  );
}
