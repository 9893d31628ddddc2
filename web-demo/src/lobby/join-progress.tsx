import type { AppStore } from '../state/app-store.ts';

/** The button that joins; while joining, how far it is and a way out. */
export function JoinProgress({ app }: { app: AppStore }) {
  const joining = app.joining.value;
  const { capture } = app;
  const seen = capture.camera.value.status === 'on';
  const heard = capture.microphone.value.status === 'on' && !capture.microphoneMuted.value;

  if (joining === undefined) {
    return (
      <div class="join-actions">
        <button type="submit" class="button primary large">
          Join now
        </button>
        <p class="hint">{howOneJoins(seen, heard)}</p>
      </div>
    );
  }
  const seconds = joining.secondsToRetry.value;
  return (
    <div class="join-actions">
      <button type="button" class="button large busy" disabled>
        <span class="spinner" aria-hidden="true" />
        Joining…
      </button>
      <p class="hint" role="status">
        {seconds === undefined ? 'Connecting to the room.' : `The server cannot be reached. Next try in ${seconds} s.`}{' '}
        <button type="button" class="link-button" onClick={() => app.cancelJoining()}>
          Cancel
        </button>
      </p>
    </div>
  );
}

function howOneJoins(seen: boolean, heard: boolean): string {
  if (seen && heard) return 'Others will see and hear you.';
  if (seen) return 'Others will see you. Your microphone is off.';
  if (heard) return 'Others will hear you. Your camera is off.';
  return 'Camera and microphone are off. You can turn them on later.';
}
