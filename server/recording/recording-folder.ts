import { join, resolve } from 'node:path';
import type { Config } from '../config/schema.ts';

/** Where a server of these options keeps its recordings. */
export function recordingFolder({ recording, dataDir }: Pick<Config, 'recording' | 'dataDir'>): string {
  return resolve(recording.dir === '' ? join(dataDir, 'recordings') : recording.dir);
}
