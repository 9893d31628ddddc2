import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../media/recording/manifest.ts';
import { probe } from '../../media/recording/testing/ffmpeg.ts';
import { seriousFor } from '../support/axe.ts';
import { eventually } from '../support/eventually.ts';
import { joinCall } from '../support/join-page.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup') && requireOrSkip('ffmpeg');

describe.skipIf(!canRun)('recordings in a page', { timeout: 90_000 }, () => {
  const recording = { enabled: true, minFreeBytes: 0 };
  const pages = servePages({ recording });

  test('are started by a moderator, seen by everybody, downloaded and deleted', async () => {
    const room = `${pages.server.url}/r/recorded`;
    const [ada, ben] = await Promise.all([
      joinCall(pages.browser, room, { name: 'Ada', moderator: true }),
      joinCall(pages.browser, room, { name: 'Ben' }),
    ]);
    expect(await ben.getByRole('button', { name: 'Recording', exact: true }).count()).toBe(0);

    await ada.getByRole('button', { name: 'Recording', exact: true }).click();
    const panel = ada.getByRole('complementary', { name: 'Recording' });
    await panel.getByRole('button', { name: 'Start recording' }).click();
    for (const page of [ada, ben]) await page.getByText('This call is being recorded.', { exact: true }).waitFor();
    const metrics = async () => readMetrics(pages.server.url);
    await eventually(
      async () => Number(/parley_recording_bytes_total (\d+)/.exec(await metrics())?.[1]) > 200_000,
      'something is recorded',
      40_000,
    );
    await panel.getByRole('button', { name: 'Stop recording' }).click();
    await ben.getByText('This call is being recorded.', { exact: true }).waitFor({ state: 'detached' });
    expect(await seriousFor(ada, '.panel')).toEqual([]);

    // What a browser sends: both cameras and both microphones, in files that play.
    const [id = ''] = await readdir(join(pages.server.dataDir, 'recordings'));
    const folder = join(pages.server.dataDir, 'recordings', id);
    const manifest = await readManifest(folder);
    expect(manifest?.tracks.map(({ name, source }) => `${name} ${source}`).sort()).toEqual([
      'Ada camera',
      'Ada microphone',
      'Ben camera',
      'Ben microphone',
    ]);
    for (const { file = '', lostPackets } of manifest?.tracks ?? []) {
      const { complaints, lastSeconds } = await probe(join(folder, file));
      expect({ file, complaints, lostPackets }).toEqual({ file, complaints: '', lostPackets: 0 });
      expect(lastSeconds).toBeGreaterThan(1);
    }

    const names: string[] = [];
    ada.on('download', (download) => names.push(download.suggestedFilename()));
    await panel.getByRole('button', { name: /^Download the recording of/ }).click();
    await eventually(() => names.length === 5, 'five files', 20_000);
    expect(names.some((name) => name.endsWith('manifest.json'))).toBe(true);

    ada.on('dialog', (dialog) => void dialog.accept());
    await panel.getByRole('button', { name: /^Delete the recording of/ }).click();
    await panel.getByText('There is none yet.').waitFor();
    expect(await readdir(join(pages.server.dataDir, 'recordings'))).toEqual([]);
  });
});
