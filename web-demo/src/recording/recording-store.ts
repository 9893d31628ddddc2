import type { RecordingInfo, Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Notices } from '../state/notices.ts';
import { type Download, saveRecording } from './save-recording.ts';

export interface Recording {
  /** The one that runs. */
  readonly current: ReadonlySignal<RecordingInfo | undefined>;
  /** Whether one may start and stop them here. */
  readonly isAllowed: boolean;
  /** A start or stop is under way. */
  readonly isBusy: ReadonlySignal<boolean>;
  /** Those that ended, the newest first; undefined: not asked for yet. */
  readonly ended: ReadonlySignal<readonly RecordingInfo[] | undefined>;
  readonly download: ReadonlySignal<Download | undefined>;
  start(): Promise<void>;
  stop(): Promise<void>;
  refresh(): Promise<void>;
  save(recording: RecordingInfo): Promise<void>;
  remove(recording: RecordingInfo): Promise<void>;
  close(): void;
}

interface RecordingOptions {
  readonly room: Room;
  readonly notices: Notices;
  /** What the files are asked for with. */
  readonly token: () => string | Promise<string>;
}

export function createRecording({ room, notices, token }: RecordingOptions): Recording {
  const current = signal(room.recording);
  const isBusy = signal(false);
  const ended = signal<readonly RecordingInfo[] | undefined>(undefined);
  const download = signal<Download | undefined>(undefined);
  const closing = new AbortController();

  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!closing.signal.aborted) notices.show(explainBriefly(error), 'problem');
    }
  };
  const busy = async (action: () => Promise<unknown>): Promise<void> => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    await attempt(action);
    isBusy.value = false;
  };
  const refresh = (): Promise<void> =>
    attempt(async () => {
      const { recordings } = await room.listRecordings();
      ended.value = recordings.filter(({ state }) => state !== 'running' && state !== 'stopping');
    });
  const unsubscribe = room.on('recordingChanged', (recording) => {
    current.value = room.recording;
    if (recording.state !== 'running' && ended.peek() !== undefined) void refresh();
  });

  return {
    current,
    isAllowed: room.grants.includes('record'),
    isBusy,
    ended,
    download,
    start: () => busy(() => room.startRecording()),
    stop: () =>
      busy(async () => {
        const running = current.peek();
        if (running) await room.stopRecording(running.recordingId);
      }),
    refresh,
    save: (recording) =>
      attempt(async () => {
        const request = { recording, token: await token(), signal: closing.signal };
        await saveRecording(request, (progress) => {
          download.value = progress;
        });
      }).finally(() => {
        download.value = undefined;
      }),
    remove: (recording) =>
      attempt(async () => {
        await room.deleteRecording(recording.recordingId);
        await refresh();
      }),
    close() {
      closing.abort();
      unsubscribe();
    },
  };
}
