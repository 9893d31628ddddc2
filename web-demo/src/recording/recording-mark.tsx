import type { Call } from '../state/call.ts';

/** Said to everybody, and to screen readers when it begins. */
export function RecordingMark({ call }: { readonly call: Call }) {
  const isRecorded = call.recording.current.value !== undefined;
  return (
    <p class={isRecorded ? 'recording-mark' : 'visually-hidden'} aria-live="polite">
      {isRecorded && 'This call is being recorded.'}
    </p>
  );
}
