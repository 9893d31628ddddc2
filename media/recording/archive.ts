import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../core/log.ts';
import type { RecordingArchive, RecordingSummary } from '../recorder.ts';
import { readJournal } from './journal.ts';
import { buildManifest, type Manifest, readManifest, writeManifest } from './manifest.ts';

/** As createMessageId makes them: they sort by time, and are names of folders anywhere. */
const idPattern = /^[A-Za-z0-9_-]{16,40}$/;
const removedSuffix = '.removed';

export interface Retention {
  /** 0: for ever. */
  readonly days: number;
  /** 0: any number. */
  readonly bytes: number;
}

/** The folder of recordings, each in a folder of its own. What the lists say is kept in memory, of each a few hundred bytes. */
export class Archive implements RecordingArchive {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #byId = new Map<string, RecordingSummary>();

  constructor({ folder, log }: { readonly folder: string; readonly log: Logger }) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Reads what is there. What nobody finished gets its manifest now. @throws {Error} when the folder cannot be made or read. */
  async load(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const entries = await readdir(this.#folder, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      // Removed in part when the process ended.
      if (name.endsWith(removedSuffix)) await rm(join(this.#folder, name), { recursive: true, force: true });
      if (!idPattern.test(name)) continue;
      try {
        this.add(await finishRecording(this.folderOf(name)));
      } catch (error) {
        this.#log.warn({ err: error, recordingId: name }, 'a recording cannot be read');
      }
    }
  }

  add(manifest: Manifest): RecordingSummary {
    const summary = summaryOf(manifest);
    this.#byId.set(manifest.recordingId, summary);
    return summary;
  }

  ofRoom(room: string): readonly RecordingSummary[] {
    return this.#newestFirst().filter((recording) => recording.room === room);
  }

  find(recordingId: string): RecordingSummary | undefined {
    return this.#byId.get(recordingId);
  }

  async manifestOf(recordingId: string): Promise<Manifest | undefined> {
    return this.#byId.has(recordingId) ? readManifest(this.folderOf(recordingId)) : undefined;
  }

  folderOf(recordingId: string): string {
    if (!idPattern.test(recordingId)) throw new Error('not the id of a recording');
    return join(this.#folder, recordingId);
  }

  async delete(recordingId: string): Promise<void> {
    const folder = this.folderOf(recordingId);
    this.#byId.delete(recordingId);
    // Gone at once, whatever happens while its files are removed.
    await rename(folder, `${folder}${removedSuffix}`);
    await rm(`${folder}${removedSuffix}`, { recursive: true, force: true });
  }

  /** Deletes what is too old, then the oldest while there is too much. */
  async sweep({ days, bytes }: Retention, nowMs: number): Promise<void> {
    let kept = 0;
    for (const { recordingId, endedAtMs, bytes: own } of this.#newestFirst()) {
      kept += own;
      const isOld = days > 0 && nowMs - endedAtMs > days * 86_400_000;
      if (!isOld && (bytes === 0 || kept <= bytes)) continue;
      kept -= own;
      this.#log.info({ recordingId, isOld }, 'recording deleted, as the options say');
      await this.delete(recordingId).catch((error: unknown) =>
        this.#log.warn({ err: error, recordingId }, 'a recording could not be deleted'),
      );
    }
  }

  #newestFirst(): RecordingSummary[] {
    return [...this.#byId.values()].sort((one, other) => other.startedAtMs - one.startedAtMs);
  }
}

/** Its manifest; before there is one, what there is so far. @throws {Error} when the folder holds no recording, or cannot be read. */
export async function readRecording(folder: string): Promise<Manifest> {
  return (await readManifest(folder)) ?? buildManifest(folder, await readJournal(folder));
}

/** For whoever brings to an end what nobody finished: writes the manifest where there is none. @throws as readRecording. */
async function finishRecording(folder: string): Promise<Manifest> {
  const found = await readManifest(folder);
  if (found) return found;
  const manifest = await readRecording(folder);
  await writeManifest(folder, manifest);
  return manifest;
}

export function summaryOf(manifest: Manifest): RecordingSummary {
  const { recordingId, room, title, startedBy, startedAtMs, sources, state, problem, endedAtMs, bytes } = manifest;
  const tracks = manifest.tracks.filter(({ file }) => file !== undefined).length;
  return { recordingId, room, title, startedBy, startedAtMs, sources, state, problem, endedAtMs, bytes, tracks };
}
