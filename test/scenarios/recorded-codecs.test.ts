// What a browser encodes, in files that ffmpeg plays.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../media/recording/manifest.ts';
import { probe } from '../../media/recording/testing/ffmpeg.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { SdpCaller } from '../support/sdp-client.ts';
import { openSdpPage, type SdpPage } from '../support/sdp-page.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const canRun = ['mediasoup', 'browser', 'ffmpeg'] as const;

describe.skipIf(!canRun.every((part) => requireOrSkip(part)))('a recording of a page', () => {
  let server: RunningServer;
  let page: SdpPage;
  beforeAll(async () => {
    const recording = { enabled: true, minFreeBytes: 0 };
    [server, page] = await Promise.all([startServer({ recording }), openSdpPage()]);
  });
  afterAll(async () => {
    await page[Symbol.asyncDispose]();
    await server.close();
  });

  const folderOf = (recordingId: string) => join(server.dataDir, 'recordings', recordingId);

  /** Of its tracks, and of nothing that is recorded at the same time. */
  async function writtenBytes(recordingId: string): Promise<number> {
    const folder = folderOf(recordingId);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.webm'));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  test.concurrent.each(['AV1', 'VP9', 'VP8'])('that sends %s plays', { timeout: 120_000 }, async (name) => {
    const can = ['join', 'publish', 'subscribe', 'record'] as const;
    using ada = await SdpCaller.join(server, name, { identity: 'ada', can });
    const { answer } = await ada.call('sdp.publish', { offer: await page.publishIn(name, `video/${name}`) });
    expect(answer).toContain(` ${name}/90000`);
    await page.take(name, answer);
    const { recordingId } = await ada.call('recording.start', {});
    await eventually(async () => (await writtenBytes(recordingId)) > 40_000, 'something is written', 60_000, 50);
    await ada.call('recording.stop', { recordingId });
    await page.close(name);
    const folder = folderOf(recordingId);
    const { tracks = [], skipped } = (await readManifest(folder)) ?? {};
    expect([tracks.map(({ codec }) => codec), skipped]).toEqual([[name.toLowerCase()], []]);
    const probed = await probe(join(folder, tracks[0]?.file ?? ''));
    expect(probed).toMatchObject({ codec: name.toLowerCase(), complaints: '' });
    // As the browser's estimate lets it: it begins small at times.
    expect((probed.width ?? 0) / (probed.height ?? 1)).toBeCloseTo(16 / 9, 1);
    expect(probed.lastSeconds).toBeGreaterThan(0.5);
  });
});
