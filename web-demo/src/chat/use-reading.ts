import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';

/** What comes is read while its end is in view of somebody; otherwise the unread line waits above it. */
export function useReading(conversation: Conversation, follows: boolean): void {
  const visible = useSignal(document.visibilityState === 'visible');
  const newest = conversation.entries.value.at(-1)?.key;
  const isWatched = follows && visible.value;

  useEffect(() => {
    const onChange = (): void => {
      visible.value = document.visibilityState === 'visible';
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);

  useEffect(() => {
    if (isWatched) conversation.markRead();
    else conversation.holdLine();
    conversation.watched.value = isWatched;
    return () => {
      conversation.watched.value = false;
    };
  }, [conversation, isWatched, newest]);
}
