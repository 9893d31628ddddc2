import type { Life } from '../../cluster/directory.ts';
import { AppError } from '../../core/errors.ts';
import type { RecordingInfo } from '../../proto/gen/types.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { RoomControl } from './room-control.ts';
import type { Author } from './room-ties.ts';

/** The call has 10 seconds; who waits for longer is told that it is being brought to its end. */
const endsWithinMs = 7_000;

interface Stopping {
  readonly room: string;
  readonly recorder: Life;
  readonly recordingId: string;
  readonly by: Author;
  readonly control: Pick<RoomControl, 'onDecision'>;
}

/** Answers how it ended, which its node tells all of them. @throws {AppError} RECORDING_NOT_FOUND, NODE_UNREACHABLE. */
export async function stopElsewhere(
  { calls, clock }: Pick<ClusterContext, 'calls' | 'clock'>,
  { room, recorder, recordingId, by, control }: Stopping,
): Promise<RecordingInfo> {
  let end = () => {};
  const ended = new Promise<RecordingInfo | undefined>((resolve) => {
    const timer = clock.after(endsWithinMs, () => resolve(undefined));
    const forget = control.onDecision(({ recorder: now, recording }) => {
      if (now === '' && recording?.recordingId === recordingId) resolve(recording);
    });
    end = () => {
      timer.cancel();
      forget();
    };
  });
  try {
    const stopRecording = { recordingId, identity: by.identity, name: by.name };
    const { result } = await calls.call(recorder, 'command', { room, term: 0, stopRecording });
    return (await ended) ?? readStopping(result, recordingId);
  } finally {
    end();
  }
}

function readStopping(result: string, recordingId: string): RecordingInfo {
  try {
    return JSON.parse(result) as RecordingInfo;
  } catch (cause) {
    throw new AppError('RECORDING_NOT_FOUND', { recordingId }, { cause });
  }
}
