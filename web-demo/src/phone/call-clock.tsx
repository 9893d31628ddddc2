import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatDuration } from '../call/format-duration.ts';

/** How long a call has been going on. Not read aloud by itself: it changes each second. */
export function CallClock({ sinceMs }: { readonly sinceMs: number }) {
  const nowMs = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      nowMs.value = Date.now();
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  return <time class="phone-clock">{formatDuration(Math.max(0, nowMs.value - sinceMs))}</time>;
}
