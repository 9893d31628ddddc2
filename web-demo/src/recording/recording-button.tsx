import type { Call } from '../state/call.ts';

/** Opens what there is to do about recordings; for those who may record. */
export function RecordingButton({ call }: { readonly call: Call }) {
  const { panel, recording } = call;
  if (!recording.isAllowed) return null;
  const isRecorded = recording.current.value !== undefined;
  return (
    <button
      type="button"
      class="recording-button"
      aria-label={isRecorded ? 'Recording, on' : 'Recording'}
      aria-expanded={panel.value === 'recording'}
      data-on={isRecorded}
      data-tip="Recording"
      onClick={() => {
        panel.value = panel.peek() === 'recording' ? undefined : 'recording';
      }}
    >
      <span class="recording-dot" aria-hidden="true" />
    </button>
  );
}
