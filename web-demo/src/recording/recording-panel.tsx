import type { RecordingInfo } from '@parley/client';
import { useEffect } from 'preact/hooks';
import { formatDuration } from '../call/format-duration.ts';
import type { Call } from '../state/call.ts';
import { Panel } from '../ui/panel.tsx';
import type { Recording } from './recording-store.ts';

const shownAtMost = 50;

/** Starts and stops a recording, and lists those that there are. */
export function RecordingPanel({ call, onClose }: { readonly call: Call; readonly onClose: () => void }) {
  const { recording } = call;
  const { current, isBusy, ended } = recording;
  useEffect(() => void recording.refresh(), [recording]);
  const isRecorded = current.value !== undefined;
  return (
    <Panel title="Recording" class="recording" onClose={onClose}>
      <div class="recording-scroll">
        <p>
          {call.encryption.isOn
            ? 'This call is end-to-end encrypted: the server cannot record what it cannot hear or see.'
            : isRecorded
              ? 'Everybody here sees that this call is being recorded.'
              : 'Records each person’s sound and picture in a file of its own, on the server. Everybody here will see it.'}
        </p>
        {!call.encryption.isOn && (
          <button
            type="button"
            class={isRecorded ? 'button danger' : 'button primary'}
            data-first-focus
            disabled={isBusy.value}
            onClick={() => void (isRecorded ? recording.stop() : recording.start())}
          >
            {isRecorded ? 'Stop recording' : 'Start recording'}
          </button>
        )}
        <h3>Recordings of this room</h3>
        {ended.value?.length === 0 && <p>There is none yet.</p>}
        <ul class="recording-list">
          {ended.value?.slice(0, shownAtMost).map((one) => (
            <EndedRecording key={one.recordingId} recording={recording} one={one} />
          ))}
        </ul>
      </div>
    </Panel>
  );
}

function EndedRecording({ recording, one }: { readonly recording: Recording; readonly one: RecordingInfo }) {
  const started = new Date(one.startedAtMs);
  const when = started.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const download = recording.download.value;
  const isSaving = download?.recordingId === one.recordingId;
  return (
    <li>
      <span>
        {one.title || when}
        <small>
          {when}, {formatDuration(one.endedAtMs - one.startedAtMs)}, {(one.bytes / 1e6).toFixed(1)} MB
          {one.state !== 'done' && `, ${one.state}`}
        </small>
      </span>
      <span class="recording-actions">
        <button
          type="button"
          class="button small"
          disabled={download !== undefined || one.tracks === 0}
          aria-label={`Download the recording of ${when}`}
          onClick={() => void recording.save(one)}
        >
          {isSaving ? `${download.file} of ${download.files}` : 'Download'}
        </button>
        <button
          type="button"
          class="button small"
          aria-label={`Delete the recording of ${when}`}
          onClick={() => {
            if (confirm(`Delete the recording of ${when}? It cannot be brought back.`)) void recording.remove(one);
          }}
        >
          Delete
        </button>
      </span>
    </li>
  );
}
