import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';
import { type WritingHint, writingHint } from './writing-hint.ts';

const tickMs = 1_000;

/** Counts down while somebody has to wait. */
export function useWritingHint(conversation: Conversation): WritingHint | undefined {
  const nowMs = useSignal(Date.now());
  const lastOwn = conversation.entries.value.findLast((entry) => entry.kind === 'message' && entry.own);
  const hint = writingHint({
    slowModeMs: conversation.slowModeMs.value,
    mutedUntilMs: conversation.mutedUntilMs.value,
    lastOwnAtMs: lastOwn?.kind === 'message' ? lastOwn.sentAtMs : undefined,
    isModerator: conversation.canModerate,
    nowMs: Math.max(nowMs.value, Date.now()),
  });
  const waits = hint?.blocks === true;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => {
      nowMs.value = Date.now();
    }, tickMs);
    return () => clearInterval(timer);
  }, [waits]);
  return hint;
}
