import type { RecordingInfo, Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';

export interface Recording {
  /** The one that runs. */
  readonly current: ReadonlySignal<RecordingInfo | undefined>;
  close(): void;
}

export function createRecording(room: Room): Recording {
  const current = signal(room.recording);
  const unsubscribe = room.on('recordingChanged', () => {
    current.value = room.recording;
  });
  return { current, close: unsubscribe };
}
