// What ends a recording, and what deletes it, without anybody asking.

import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../core/clock.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { canMount, fillUp, mountSmallDisk } from '../../test/faults/small-disk.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { RecordingSummary, RunningRecording } from '../recorder.ts';
import { readManifest } from './manifest.ts';
import { type RecorderOptions, RecorderProcess } from './recorder-process.ts';
import { createRtpSender, probe } from './testing/ffmpeg.ts';

const hourMs = 3_600_000;
const request = { room: 'standup', title: 'Monday', startedBy: 'ada', sources: [] };
const unlimited = { maxRunning: 4, maxHours: 168, minFreeBytes: 0, retention: { days: 0, bytes: 0 } };

async function start(
  folder: string,
  { clock = systemClock, ...changes }: Partial<RecorderOptions> & { clock?: Clock } = {},
): Promise<RecorderProcess & AsyncDisposable> {
  const options = { folder, ...unlimited, ...changes };
  const recorder = await RecorderProcess.create({ options, clock, log: silentLogger });
  return Object.assign(recorder, { [Symbol.asyncDispose]: () => recorder.close() });
}

async function createFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'parley-recordings-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function endOf(running: RunningRecording): Promise<RecordingSummary> {
  return new Promise((resolve) => running.events.once('ended', resolve));
}

/** From now on: the recorder's process has the real one, and both write times. */
function startClock(): FakeClock {
  const clock = new FakeClock();
  clock.advance(Date.now() - clock.nowMs());
  return clock;
}

/** A recording that is over, of which the manifest says that it has so many bytes. */
async function recorded(recorder: RecorderProcess, folder: string, bytes: number): Promise<string> {
  const running = await recorder.start(request);
  const ended = endOf(running);
  running.stop();
  const { recordingId } = await ended;
  const path = join(folder, recordingId, 'manifest.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), bytes }));
  return recordingId;
}

describe('recording.maxHours', () => {
  test('ends a recording in order when it is so long, and not before', async () => {
    await using folder = await createFolder();
    const clock = startClock();
    await using recorder = await start(folder.path, { clock, maxHours: 2 });
    const running = await recorder.start(request);
    const stopping: string[] = [];
    running.events.on('stopping', ({ problem }) => stopping.push(problem));
    clock.advance(2 * hourMs - 1);
    expect(stopping).toEqual([]);
    const ended = endOf(running);
    clock.advance(1);
    expect(stopping).toEqual(['it was as long as recording.maxHours allows']);
    expect(await ended).toMatchObject({ state: 'done', problem: 'it was as long as recording.maxHours allows' });
    expect(recorder.stats()).toMatchObject({ running: 0, ended: { done: 1 } });
    // Its place is free again.
    await recorder.start(request);
  });
});

describe.skipIf(!requireOrSkip('ffmpeg') || !canMount())('recording.minFreeBytes', () => {
  test('ends a recording while there is space left for it, and lets none begin', { timeout: 60_000 }, async () => {
    using disk = mountSmallDisk();
    await using recorder = await start(disk.folder, { minFreeBytes: 3_000_000 });
    const running = await recorder.start(request);
    const ended = endOf(running);
    await using sender = await createRtpSender('vp8', { seconds: 40 });
    await running.addTrack(sender.plan);
    sender.start(running.target.port);
    await eventually(() => recorder.stats().bytes > 20_000, 'something is written', 20_000);
    fillUp(join(disk.folder, 'filler'), 2_500_000);
    const summary = await ended;
    // Nothing failed: there was space to end it.
    expect(summary).toMatchObject({ state: 'done', problem: 'the space on the disk ran short', tracks: 1 });
    const own = join(disk.folder, summary.recordingId);
    const track = (await readManifest(own))?.tracks[0];
    const { complaints, lastSeconds } = await probe(join(own, track?.file ?? ''));
    expect({ complaints, ended: track?.ended }).toEqual({ complaints: '', ended: 'stopped' });
    expect(lastSeconds).toBeGreaterThan(0.3);
    await expect(recorder.start(request)).rejects.toMatchObject({ reason: 'RECORDING_REFUSED' });
    await rm(join(disk.folder, 'filler'));
    await recorder.start(request);
  });
});

describe('retention', () => {
  test('by size keeps the newest that fit, from the start on', async () => {
    await using folder = await createFolder();
    const ids: string[] = [];
    {
      await using recorder = await start(folder.path);
      for (const bytes of [100, 100, 100]) ids.push(await recorded(recorder, folder.path, bytes));
    }
    await using recorder = await start(folder.path, { retention: { days: 0, bytes: 250 } });
    expect(recorder.archive.ofRoom('standup').map(({ recordingId }) => recordingId)).toEqual([ids[2], ids[1]]);
    expect((await readdir(folder.path)).sort()).toEqual(ids.slice(1).sort());
  });

  test('by age looks every hour, and leaves what runs alone', async () => {
    await using folder = await createFolder();
    const clock = startClock();
    await using recorder = await start(folder.path, { clock, retention: { days: 1, bytes: 0 } });
    const old = await recorded(recorder, folder.path, 1);
    const running = await recorder.start(request);
    let hours = 0;
    await eventually(() => {
      clock.advance(hourMs);
      hours += 1;
      return recorder.archive.find(old) === undefined;
    }, 'its deletion');
    expect(hours).toBeGreaterThan(23);
    await eventually(async () => (await readdir(folder.path)).length === 1, 'the deletion of its files');
    expect(await readdir(folder.path)).toEqual([running.facts.recordingId]);
  });

  test('removes what was being removed when the process ended', async () => {
    await using folder = await createFolder();
    let id = '';
    {
      await using recorder = await start(folder.path);
      id = await recorded(recorder, folder.path, 1);
    }
    await rm(join(folder.path, id, 'manifest.json'));
    await rename(join(folder.path, id), join(folder.path, `${id}.removed`));
    await using recorder = await start(folder.path);
    expect(recorder.archive.find(id)).toBeUndefined();
    expect(await readdir(folder.path)).toEqual([]);
  });
});
