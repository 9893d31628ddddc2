// What a recording is made of, as whoever works on with it reads it: docs/recording.md.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GapReason, JournalLine, RecordingEnd, RecordingFacts, TrackEnd, TrackFacts } from './journal.ts';

export const manifestName = 'manifest.json';

export interface ManifestGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: GapReason;
}

export interface ManifestTrack extends TrackFacts {
  /** Its name in the folder; undefined: nothing came of it. */
  readonly file?: string | undefined;
  readonly bytes: number;
  /** In hexadecimal digits; empty without a file. */
  readonly sha256: string;
  /** Where it begins in the recording: put it there, and all tracks are in step. */
  readonly offsetMs: number;
  readonly durationMs: number;
  /** In milliseconds of the recording, not of the file. */
  readonly gaps: readonly ManifestGap[];
  readonly lostPackets: number;
  readonly ended: TrackEnd;
}

export interface Manifest extends RecordingFacts {
  readonly version: 1;
  readonly state: RecordingEnd;
  /** Why it failed or ended early; otherwise empty. */
  readonly problem: string;
  /** Milliseconds since 1970. */
  readonly endedAtMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly tracks: readonly ManifestTrack[];
  /** What was not recorded, and why. */
  readonly skipped: readonly (TrackFacts & { readonly problem: string })[];
}

/** @throws {Error} when the lines say not what is recorded, or a file cannot be read. */
export async function buildManifest(folder: string, lines: readonly JournalLine[]): Promise<Manifest> {
  const started = lines.find((line) => line.type === 'started');
  if (!started) throw new Error(`the journal in ${folder} does not say what it is of`);
  const { type: _, ...facts } = started;
  const stopped = lines.find((line) => line.type === 'stopped');
  const tracks: ManifestTrack[] = [];
  const byTrack = linesByTrack(lines);
  for (const line of lines) {
    if (line.type === 'track') tracks.push(await describeTrack(folder, line, byTrack.get(line.trackId) ?? []));
  }
  const endMs = stopped?.atMs ?? Math.max(0, ...tracks.map(({ offsetMs, durationMs }) => offsetMs + durationMs));
  return {
    version: 1,
    ...facts,
    state: stopped?.state ?? 'interrupted',
    problem: stopped?.problem ?? '',
    endedAtMs: facts.startedAtMs + endMs,
    durationMs: endMs,
    bytes: tracks.reduce((sum, { bytes }) => sum + bytes, 0),
    tracks,
    skipped: lines.flatMap((line) => {
      if (line.type !== 'skipped') return [];
      const { type: _type, atMs: _atMs, ...track } = line;
      return [track];
    }),
  };
}

function linesByTrack(lines: readonly JournalLine[]): ReadonlyMap<string, readonly JournalLine[]> {
  const byTrack = new Map<string, JournalLine[]>();
  for (const line of lines) {
    if (!('trackId' in line)) continue;
    const own = byTrack.get(line.trackId) ?? [];
    byTrack.set(line.trackId, own);
    own.push(line);
  }
  return byTrack;
}

async function describeTrack(
  folder: string,
  { type: _, atMs, ...facts }: Extract<JournalLine, { type: 'track' }>,
  own: readonly JournalLine[],
): Promise<ManifestTrack> {
  // The last of them is right.
  const file = own.filter((line) => line.type === 'file').at(-1);
  const ended = own.find((line) => line.type === 'ended');
  const gaps = own.flatMap((line) =>
    line.type === 'gap' ? [{ fromMs: line.fromMs, toMs: line.toMs, why: line.why }] : [],
  );
  const path = file && join(folder, file.file);
  return {
    ...facts,
    file: file?.file,
    bytes: path ? (await stat(path)).size : 0,
    sha256: path ? await sha256Of(path) : '',
    offsetMs: file?.offsetMs ?? atMs,
    durationMs: ended?.durationMs ?? (path ? await readDurationMs(path) : 0),
    gaps,
    lostPackets: ended?.lostPackets ?? 0,
    ended: ended?.why ?? 'recorder',
  };
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Of a file that nobody finished; 0 when it holds nothing. */
async function readDurationMs(path: string): Promise<number> {
  // The server itself needs it for this alone, which is rare.
  const { ALL_FORMATS, FilePathSource, Input } = await import('mediabunny');
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  try {
    return Math.round((await input.computeDuration()) * 1000);
  } catch {
    return 0;
  } finally {
    input.dispose();
  }
}

/** Under another name until it is whole. @throws {Error} of the file system. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const part = join(folder, `${manifestName}.part`);
  const handle = await open(part, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, join(folder, manifestName));
}

/** Undefined when there is none. @throws {Error} when it cannot be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
