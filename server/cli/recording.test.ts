import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { writeJournal } from '../../media/recording/journal.ts';
import { readManifest } from '../../media/recording/manifest.ts';
import { RecorderProcess } from '../../media/recording/recorder-process.ts';
import { createRtpSender, toneShare } from '../../media/recording/testing/ffmpeg.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { runProgram } from './program.ts';

const run = promisify(execFile);

/** What the command wrote, and its exit code. */
async function parley(...args: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runProgram(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
  });
  return { code, stdout, stderr };
}

describe.skipIf(!requireOrSkip('ffmpeg'))('parley recording', () => {
  let folder = '';
  let id = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-recordings-'));
    const limits = { maxRunning: 1, maxHours: 1, minFreeBytes: 0, retention: { days: 0, bytes: 0 } };
    const recorder = await RecorderProcess.create({
      options: { folder, ...limits },
      clock: systemClock,
      log: silentLogger,
    });
    const recording = await recorder.start({ room: 'standup', title: 'Monday', startedBy: 'ada', sources: [] });
    id = recording.facts.recordingId;
    // The second pair begins later than the first.
    for (const pair of [
      ['opus', 'vp8'],
      ['opus', 'h264'],
    ] as const) {
      const senders = await Promise.all(pair.map((codec) => createRtpSender(codec, { seconds: 2 })));
      for (const { plan } of senders) await recording.addTrack(plan);
      for (const sender of senders) sender.start(recording.target.port);
      await Promise.all(senders.map(({ done }) => done));
    }
    const ended = new Promise((resolve) => recording.events.once('ended', resolve));
    recording.stop();
    await ended;
    await recorder.close();
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('lists and shows what there is', async () => {
    const list = await parley('recording', 'list', '--dir', folder);
    expect(list).toMatchObject({ code: undefined, stderr: '' });
    expect(list.stdout).toContain(id);
    expect(list.stdout).toContain('standup  done');
    expect(JSON.parse((await parley('recording', 'show', id, '--dir', folder)).stdout)).toMatchObject({
      title: 'Monday',
    });
    const missing = await parley('recording', 'show', 'nothing', '--dir', folder);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('There is no recording nothing');
  });

  test('shows what there is of one that runs, and leaves its manifest to who writes it', async () => {
    const running = join(folder, 'aRecordingThatRuns');
    await mkdir(running);
    const facts = { recordingId: 'aRecordingThatRuns', room: 'standup', title: '', startedBy: 'ada', sources: [] };
    writeJournal(running, { type: 'started', ...facts, startedAtMs: 1 });
    const { stdout } = await parley('recording', 'show', 'aRecordingThatRuns', '--dir', folder);
    expect(JSON.parse(stdout)).toMatchObject({ room: 'standup', tracks: [] });
    expect(await readManifest(running)).toBeUndefined();
  });

  test('makes one file with everybody in it, each at their time', { timeout: 120_000 }, async () => {
    const out = join(folder, 'whole.webm');
    const composed = await parley('recording', 'compose', id, '--dir', folder, '--out', out);
    expect(composed.code, composed.stderr).toBeUndefined();
    const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', out]);
    const { streams, format } = JSON.parse(stdout) as {
      streams: { codec_name: string; width?: number }[];
      format: { duration: string };
    };
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['opus', 'vp8']);
    const manifest = await readManifest(join(folder, id));
    const ends = manifest?.tracks.map(({ offsetMs, durationMs }) => offsetMs + durationMs) ?? [];
    expect(Number(format.duration)).toBeGreaterThan(Math.max(...ends) / 1000 - 0.3);
    expect(Number(format.duration)).toBeLessThan(Math.max(...ends) / 1000 + 0.3);
    expect(await toneShare(out, 440)).toBeGreaterThan(0.8);
  });

  test('finds a file that is not what was recorded', async () => {
    expect((await parley('recording', 'verify', id, '--dir', folder)).code).toBeUndefined();
    const manifest = await readManifest(join(folder, id));
    const path = join(folder, id, manifest?.tracks[0]?.file ?? '');
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const verified = await parley('recording', 'verify', id, '--dir', folder);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain(`WRONG  ${manifest?.tracks[0]?.file}`);
  });
});
