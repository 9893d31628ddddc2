import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { canMount, fillUp, mountSmallDisk } from '../../test/faults/small-disk.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { RecordingSummary, RunningRecording } from '../recorder.ts';
import { readManifest, sha256Of } from './manifest.ts';
import { type RecorderOptions, RecorderProcess } from './recorder-process.ts';
import { createRtpSender, probe, toneShare } from './testing/ffmpeg.ts';

interface RunningRecorder extends AsyncDisposable {
  readonly recorder: RecorderProcess;
  readonly folder: string;
}

async function startRecorder(changes: Partial<RecorderOptions> = {}): Promise<RunningRecorder> {
  const folder = changes.folder ?? (await mkdtemp(join(tmpdir(), 'parley-recordings-')));
  const limits = { maxRunning: 4, maxHours: 1, minFreeBytes: 0, retention: { days: 0, bytes: 0 } };
  const options = { folder, ...limits, ...changes };
  const recorder = await RecorderProcess.create({ options, clock: systemClock, log: silentLogger });
  return {
    recorder,
    folder,
    async [Symbol.asyncDispose]() {
      await recorder.close();
      if (changes.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

const request = { room: 'standup', title: 'Monday', startedBy: 'ada', sources: [] };

function endOf(running: RunningRecording): Promise<RecordingSummary> {
  return new Promise((resolve) => running.events.once('ended', resolve));
}

async function stop(running: RunningRecording): Promise<RecordingSummary> {
  const ended = endOf(running);
  running.stop();
  return ended;
}

async function send(running: RunningRecording, codec: Parameters<typeof createRtpSender>[0], seconds?: number) {
  const sender = await createRtpSender(codec, seconds === undefined ? {} : { seconds });
  await running.addTrack(sender.plan);
  sender.start(running.target.port);
  return sender;
}

describe.skipIf(!requireOrSkip('ffmpeg'))('a recorder', () => {
  test('writes what another software sends into files that it can play', { timeout: 60_000 }, async () => {
    await using running = await startRecorder();
    const { recorder, folder } = running;
    const recording = await recorder.start(request);
    const codecs = ['opus', 'pcmu', 'pcma', 'g722', 'vp8', 'vp9', 'h264'] as const;
    const senders = await Promise.all(codecs.map((codec) => send(recording, codec)));
    await Promise.all(senders.map(({ done }) => done));
    const summary = await stop(recording);
    expect(summary).toMatchObject({ state: 'done', problem: '', tracks: codecs.length, room: 'standup' });

    const own = join(folder, summary.recordingId);
    const manifest = await readManifest(own);
    expect(manifest?.tracks.map(({ codec }) => codec).sort()).toEqual([...codecs].sort());
    for (const track of manifest?.tracks ?? []) {
      const path = join(own, track.file ?? '');
      expect(await sha256Of(path)).toBe(track.sha256);
      const probed = await probe(path);
      const expected = ['pcmu', 'pcma', 'g722'].includes(track.codec) ? 'pcm_s16le' : track.codec;
      expect({ codec: probed.codec, complaints: probed.complaints, lost: track.lostPackets }).toEqual({
        codec: expected,
        complaints: '',
        lost: 0,
      });
      // Four seconds were sent; a picture that comes before its key frame is not kept.
      expect(probed.lastSeconds).toBeGreaterThan(3.3);
      expect(probed.lastSeconds).toBeLessThan(4.3);
      expect(Math.abs(track.durationMs / 1000 - probed.lastSeconds)).toBeLessThan(0.1);
      if (track.kind === 'video') expect(probed).toMatchObject({ width: 320, height: 240 });
      else expect(await toneShare(path, 440)).toBeGreaterThan(0.9);
    }
    expect(recorder.stats()).toMatchObject({ running: 0, ended: { done: 1 } });
  });

  test('that is killed leaves files that play, and another goes on', { timeout: 60_000 }, async () => {
    await using running = await startRecorder();
    const { recorder, folder } = running;
    const recording = await recorder.start(request);
    const moved = new Promise<void>((resolve) => recording.events.once('moved', () => resolve()));
    const codecs = ['opus', 'vp8', 'h264'] as const;
    const senders = await Promise.all(codecs.map((codec) => send(recording, codec, 30)));
    await eventually(() => recorder.stats().bytes > 60_000, 'something is written');
    process.kill(recorder.pid ?? 0, 'SIGKILL');
    await moved;
    for (const sender of senders) await sender[Symbol.asyncDispose]();

    const own = join(folder, recording.facts.recordingId);
    const left = (await readdir(own)).filter((name) => /\.(webm|mkv)$/.test(name));
    expect(left).toHaveLength(codecs.length);
    for (const name of left) {
      const { lastSeconds, complaints } = await probe(join(own, name));
      expect({ name, complaints }).toEqual({ name, complaints: '' });
      expect(lastSeconds).toBeGreaterThan(0.5);
    }
    const again = await send(recording, 'opus', 2);
    await again.done;
    const summary = await stop(recording);
    expect(summary).toMatchObject({ state: 'done', tracks: codecs.length + 1 });
    const manifest = await readManifest(own);
    expect(manifest?.tracks.map(({ ended }) => ended)).toEqual(['recorder', 'recorder', 'recorder', 'stopped']);
    for (const { durationMs } of manifest?.tracks ?? []) expect(durationMs).toBeGreaterThan(500);
    expect(manifest?.tracks.at(-1)?.offsetMs).toBeGreaterThan(manifest?.tracks[0]?.durationMs ?? 0);
    expect(recorder.stats().restarts).toBe(1);
  });

  test.skipIf(!canMount())('whose disk is full says so and keeps what it has', { timeout: 60_000 }, async () => {
    using disk = mountSmallDisk();
    await using running = await startRecorder({ folder: disk.folder });
    const { recorder } = running;
    const recording = await recorder.start(request);
    const ended = endOf(recording);
    await using _sender = await send(recording, 'h264', 30);
    await eventually(() => recorder.stats().bytes > 30_000, 'something is written');
    fillUp(join(disk.folder, 'filler'), 0);
    const summary = await ended;
    expect(summary).toMatchObject({ state: 'failed', problem: 'the disk is full' });
    const own = join(disk.folder, summary.recordingId);
    const [name = ''] = (await readdir(own)).filter((file) => file.endsWith('.mkv'));
    expect((await probe(join(own, name))).lastSeconds).toBeGreaterThan(0.3);
    // There is space again: the next one begins.
    await rm(join(disk.folder, 'filler'));
    const next = await recorder.start(request);
    expect(await stop(next)).toMatchObject({ state: 'done' });
  });

  test('tells a hole of packets from a pause, and both in the manifest', { timeout: 60_000 }, async () => {
    await using running = await startRecorder();
    const { recorder, folder } = running;
    const recording = await recorder.start(request);
    const first = await createRtpSender('opus', { seconds: 1 });
    const second = await createRtpSender('opus', { seconds: 1 });
    // The same stream for the recorder: the second goes on where nobody knows what was before.
    await recording.addTrack(first.plan);
    first.start(recording.target.port);
    await first.done;
    recording.pauseTrack(first.plan.trackId, 'muted');
    await recording.addTrack(second.plan);
    second.start(recording.target.port);
    await second.done;
    recording.pauseTrack(first.plan.trackId, undefined);
    const { recordingId } = await stop(recording);
    const manifest = await readManifest(join(folder, recordingId));
    const [muted] = manifest?.tracks[0]?.gaps ?? [];
    expect(muted?.why).toBe('muted');
    expect((muted?.toMs ?? 0) - (muted?.fromMs ?? 0)).toBeGreaterThan(800);
    expect(manifest?.tracks[1]?.offsetMs).toBeGreaterThan(900);
  });
});

describe('recordings', () => {
  test('no more run than are allowed, and none with too little space', async () => {
    await using running = await startRecorder({ maxRunning: 1 });
    const { recorder } = running;
    const [one, two] = await Promise.allSettled([recorder.start(request), recorder.start(request)]);
    expect(one?.status).toBe('fulfilled');
    expect(two).toMatchObject({
      reason: { reason: 'RECORDING_REFUSED', details: { problem: '1 recordings run already' } },
    });
    await using full = await startRecorder({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    await expect(full.recorder.start(request)).rejects.toMatchObject({ reason: 'RECORDING_REFUSED' });
  });

  test('none starts without their folder, and one that loses its own says so', async () => {
    await using running = await startRecorder();
    const { recorder, folder } = running;
    const recording = await recorder.start(request);
    await rm(folder, { recursive: true });
    await expect(recorder.start(request)).rejects.toMatchObject({
      reason: 'RECORDING_REFUSED',
      details: { problem: 'the folder of recordings cannot be used' },
    });
    const { state, problem } = await stop(recording);
    expect(state).toBe('failed');
    expect(problem).toContain('ENOENT');
    expect(recorder.archive.ofRoom('standup')).toEqual([]);
  });

  test('one that nobody finished is found with what it has, and lists name the newest first', async () => {
    await using running = await startRecorder();
    const { recorder, folder } = running;
    const one = await stop(await recorder.start(request));
    const two = await stop(await recorder.start({ ...request, title: 'Tuesday' }));
    expect(recorder.archive.ofRoom('standup').map(({ title }) => title)).toEqual(['Tuesday', 'Monday']);
    await recorder.close();
    // As after a power cut: no manifest, and half a line.
    await rm(join(folder, one.recordingId, 'manifest.json'));
    const journal = join(folder, one.recordingId, 'journal.jsonl');
    const [started = ''] = (await readFile(journal, 'utf8')).split('\n');
    await writeFile(journal, `${started}\n{"type":"trac`);

    await using again = await startRecorder({ folder });
    expect(again.recorder.archive.find(one.recordingId)).toMatchObject({ state: 'interrupted', title: 'Monday' });
    expect(again.recorder.archive.find(two.recordingId)).toMatchObject({ state: 'done' });
    await again.recorder.archive.delete(one.recordingId);
    expect(again.recorder.archive.find(one.recordingId)).toBeUndefined();
    expect(await readdir(folder)).toEqual([two.recordingId]);
  });

  test('what is older than its time goes, and the oldest go when there is too much', async () => {
    await using running = await startRecorder();
    const { recorder } = running;
    const ended = [await stop(await recorder.start(request)), await stop(await recorder.start(request))];
    const { archive } = recorder;
    await archive.sweep({ days: 1, bytes: 0 }, Date.now());
    expect(archive.ofRoom('standup')).toHaveLength(2);
    await archive.sweep({ days: 1, bytes: 0 }, Date.now() + 2 * 86_400_000);
    expect(ended.map(({ recordingId }) => archive.find(recordingId))).toEqual([undefined, undefined]);
  });

  test('no id leads out of the folder', async () => {
    await using running = await startRecorder();
    expect(() => running.recorder.archive.folderOf('../../../../etc/passwd')).toThrow();
    expect(running.recorder.archive.find('../../etc')).toBeUndefined();
  });
});
