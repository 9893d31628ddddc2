import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Layout } from '../../media/recording/compose-args.ts';
import type { Manifest } from '../../media/recording/manifest.ts';
import { recordingFolder } from '../recording/recording-folder.ts';
import { StartError } from '../start-error.ts';
import { addConfigFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import type { Terminal } from './terminal.ts';

interface RecordingFlags extends ConfigFlags {
  readonly dir?: string;
}

interface ComposeFlags extends RecordingFlags {
  readonly layout: Layout;
  readonly out?: string;
}

export function addRecordingCommand(program: Command, terminal: Terminal): void {
  const { stdout, stderr, env } = terminal;
  const recording = program
    .command('recording')
    .description('Looks at recordings, checks them, and makes one file of them.');
  const folderOf = ({ dir, ...flags }: RecordingFlags) => dir ?? recordingFolder(loadConfigOf(flags, env).config);
  const add = (name: string, description: string) =>
    addConfigFlags(recording.command(name).description(description)).option(
      '--dir <folder>',
      'the folder of recordings (recording.dir)',
    );

  add('list', 'Lists recordings, the newest first.').action(async (flags: RecordingFlags) => {
    for (const manifest of await readAll(folderOf(flags))) stdout.write(`${toLine(manifest)}\n`);
  });

  add('show <id>', 'Prints the manifest of a recording.').action(async (id: string, flags: RecordingFlags) => {
    stdout.write(`${JSON.stringify(await read(folderOf(flags), id), null, 2)}\n`);
  });

  add('verify <id>', 'Compares the files of a recording with its manifest.').action(
    async (id: string, flags: RecordingFlags) => {
      const folder = folderOf(flags);
      const manifest = await read(folder, id);
      const { sha256Of } = await import('../../media/recording/manifest.ts');
      const wrong: string[] = [];
      for (const { file, sha256 } of manifest.tracks) {
        if (file === undefined) continue;
        const found = await sha256Of(join(folder, id, file)).catch(() => 'missing');
        stdout.write(`${found === sha256 ? 'ok' : 'WRONG'}  ${file}\n`);
        if (found !== sha256) wrong.push(file);
      }
      if (wrong.length > 0) {
        throw new StartError('verifying the recording', `${wrong.join(', ')} are not what was recorded.`, {
          mend: 'Take the recording from a backup.',
        });
      }
    },
  );

  add('compose <id>', 'Makes one file of a recording with ffmpeg: all sounds, and the pictures side by side.')
    .option('--layout <layout>', 'grid or speaker', parseLayout, 'grid' as Layout)
    .option('--out <file>', 'where to: .webm (VP8 and Opus) or .mp4 (H.264 and AAC) (default: <id>.webm)')
    .action(async (id: string, { layout, out = `${id}.webm`, ...flags }: ComposeFlags) => {
      const folder = folderOf(flags);
      const manifest = await read(folder, id);
      const { composeArgs } = await import('../../media/recording/compose-args.ts');
      await runFfmpeg(
        toArgs(() => composeArgs({ manifest, folder: join(folder, id), out, layout })),
        terminal,
      );
      stderr.write(`${out} has the recording of ${manifest.room}.\n`);
    });
}

/** @throws {StartError} */
async function read(folder: string, id: string): Promise<Manifest> {
  const { readRecording } = await import('../../media/recording/archive.ts');
  try {
    return await readRecording(join(folder, id));
  } catch (error) {
    throw new StartError('reading the recording', `There is no recording ${id} in ${folder}.`, {
      mend: '`parley recording list` says which there are; --dir names their folder.',
      cause: error,
    });
  }
}

async function readAll(folder: string): Promise<Manifest[]> {
  const { readManifest } = await import('../../media/recording/manifest.ts');
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => readManifest(join(folder, name)).catch(() => undefined)));
  return found.filter((manifest) => manifest !== undefined).sort((one, other) => other.startedAtMs - one.startedAtMs);
}

function toLine({ recordingId, room, state, startedAtMs, durationMs, tracks, bytes, title }: Manifest): string {
  const seconds = `${Math.round(durationMs / 1000)} s`;
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`;
  const count = `${tracks.filter(({ file }) => file !== undefined).length} tracks`;
  return [recordingId, new Date(startedAtMs).toISOString(), room, state, seconds, count, megabytes, title]
    .join('  ')
    .trimEnd();
}

function toArgs(make: () => string[]): string[] {
  try {
    return make();
  } catch (error) {
    throw new StartError('composing the recording', error instanceof Error ? `${error.message}.` : String(error), {
      mend: '`parley recording show` says what is in it.',
      cause: error,
    });
  }
}

/** @throws {StartError} */
async function runFfmpeg(args: readonly string[], { stderr }: Terminal): Promise<void> {
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (text: Buffer) => stderr.write(text.toString()));
  const failed = (problem: string, cause?: unknown) =>
    new StartError('composing the recording', problem, {
      mend: 'Install ffmpeg with libvpx and libopus (for .mp4: libx264), so that `ffmpeg -version` answers.',
      cause,
    });
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    throw failed('ffmpeg cannot be started.', error);
  })) as [number | null];
  if (code !== 0) throw failed(`ffmpeg ended with ${code ?? 'a signal'}.`);
}

function parseLayout(text: string): Layout {
  if (text === 'grid' || text === 'speaker') return text;
  throw new InvalidArgumentError('It must be grid or speaker.');
}
