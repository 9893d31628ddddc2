import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Recorder } from '../../media/recorder.ts';
import { RecorderProcess } from '../../media/recording/recorder-process.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import { recordingFolder } from './recording-folder.ts';

/** Undefined when recordings are switched off. @throws {StartError} when their folder cannot be used. */
export async function createRecorder(
  config: Pick<Config, 'recording' | 'dataDir'>,
  parts: { readonly clock: Clock; readonly log: Logger },
): Promise<Recorder | undefined> {
  const { enabled, maxRunning, maxHours, minFreeBytes, retentionDays, retentionBytes } = config.recording;
  if (!enabled) return undefined;
  const folder = recordingFolder(config);
  const retention = { days: retentionDays, bytes: retentionBytes };
  try {
    return await RecorderProcess.create({
      options: { folder, maxRunning, maxHours, minFreeBytes, retention },
      ...parts,
    });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new StartError('opening the recordings', problem, {
      mend: 'Set recording.dir (PARLEY_RECORDING_DIR) to a folder that this user can write, or recording.enabled to false.',
      cause: error,
    });
  }
}
