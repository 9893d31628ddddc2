// What happened in a recording, a line of JSON each, written as it happens: the manifest can be made from it by whoever finds
// it, also when nobody came to the end.

import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const journalName = 'journal.jsonl';

/** Who is recorded, and why. */
export interface RecordingFacts {
  readonly recordingId: string;
  readonly room: string;
  readonly title: string;
  /** An identity. */
  readonly startedBy: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Empty: all. */
  readonly sources: readonly string[];
}

export interface TrackFacts {
  readonly trackId: string;
  readonly peerId: string;
  readonly identity: string;
  readonly name: string;
  readonly source: string;
  readonly kind: 'audio' | 'video';
  readonly codec: string;
}

/** Why there is nothing of a track for a while. `lost`: on the way here. `disk`: it did not keep up. */
export type GapReason = 'paused' | 'muted' | 'lost' | 'disk';
/** Why a track ended. `closed`: by its sender. `worker`: with a media worker or the way from another node, and it may go on as another. */
export type TrackEnd = 'closed' | 'worker' | 'stopped' | 'recorder';
export type RecordingEnd = 'done' | 'interrupted' | 'failed';

/** Times are milliseconds since the recording started. */
export type JournalLine =
  | ({ readonly type: 'started' } & RecordingFacts)
  | ({ readonly type: 'track'; readonly atMs: number } & TrackFacts)
  | ({ readonly type: 'skipped'; readonly atMs: number; readonly problem: string } & TrackFacts)
  /** Again when it is known better where it begins. */
  | { readonly type: 'file'; readonly trackId: string; readonly file: string; readonly offsetMs: number }
  | {
      readonly type: 'gap';
      readonly trackId: string;
      readonly fromMs: number;
      readonly toMs: number;
      readonly why: GapReason;
    }
  | {
      readonly type: 'ended';
      readonly trackId: string;
      readonly atMs: number;
      readonly durationMs: number;
      readonly lostPackets: number;
      readonly why: TrackEnd;
    }
  | { readonly type: 'stopped'; readonly atMs: number; readonly state: RecordingEnd; readonly problem: string };

/** A few lines for each track. @throws {Error} of the file system. */
export function writeJournal(folder: string, line: JournalLine): void {
  appendFileSync(join(folder, journalName), `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

/** Every whole line; the last may have been cut off. @throws {Error} of the file system. */
export async function readJournal(folder: string): Promise<JournalLine[]> {
  const text = await readFile(join(folder, journalName), 'utf8');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      return [];
    }
  });
}
