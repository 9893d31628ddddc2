import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Chat } from '../state/chat.ts';
import { Icon } from '../ui/icon.tsx';
import { ChatGroupView } from './chat-group-view.tsx';
import { groupMessages } from './group-messages.ts';

/** How far from its end a reader may have scrolled and still follow what comes. */
const nearEndPx = 60;

/** The messages, newest last. Who has scrolled up to read is left there and told that there is more. */
export function MessageList({ chat }: { chat: Chat }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const hasMore = useSignal(false);
  const groups = useComputed(() => groupMessages(chat.log.value)).value;
  const last = chat.log.value.at(-1);

  const toEnd = (): void => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    hasMore.value = false;
  };

  useLayoutEffect(() => {
    const own = last?.kind === 'message' && last.own;
    if (follows.current || own) toEnd();
    else hasMore.value = true;
  }, [last?.id]);

  // A keyboard on the screen makes the list shorter: its end stays in view.
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (follows.current) toEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const element = list.current;
    if (element === null) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
    if (follows.current) hasMore.value = false;
  };

  return (
    <div class="messages-frame">
      <div
        ref={list}
        class="messages"
        role="log"
        aria-label="Messages"
        aria-live="polite"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: Safari scrolls by keyboard only what can be focused
        tabIndex={0}
        onScroll={onScroll}
      >
        {groups.length === 0 && (
          <p class="messages-empty">
            No messages yet.
            <br />
            Everyone in the room can read what you write here.
          </p>
        )}
        {groups.map((group) => (
          <ChatGroupView key={group.kind === 'event' ? group.id : group.key} group={group} onRetry={chat.retry} />
        ))}
      </div>
      {hasMore.value && (
        <button type="button" class="button small more-messages" onClick={toEnd}>
          <Icon name="arrowDown" />
          New messages
        </button>
      )}
    </div>
  );
}
