import { describe, expect, test } from 'vitest';
import { seriousFor } from '../support/axe.ts';
import { eventually } from '../support/eventually.ts';
import { joinCall } from '../support/join-page.ts';
import { receivedIds, waitForFlow, waitForVoices } from '../support/media-flow.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');

describe.skipIf(!canRun)('a direct call in pages', { timeout: 120_000 }, () => {
  const quality = { reportIntervalMs: 1_000 };
  const pages = servePages({ rooms: { direct: 'auto' }, quality });

  const join = (room: string, name: string) => joinCall(pages.browser, `${pages.server.url}/r/${room}`, { name });
  const forwarded = async () => {
    const text = await readMetrics(pages.server.url);
    return /^parley_media_packets_forwarded_total (\d+)$/m.exec(text)?.[1];
  };

  test('is said to be one, sends nothing through the server, and goes on through it with a third one', async () => {
    const ada = await join('direct', 'Ada');
    const viaNobody = await receivedIds(ada);
    const ben = await join('direct', 'Ben');
    await waitForFlow(ada, { video: 1, audio: 1 }, { except: viaNobody });
    for (const page of [ada, ben]) await page.getByText('Direct call', { exact: true }).waitFor({ timeout: 60_000 });
    let before = { packets: '', atMs: performance.now() };
    await eventually(
      async () => {
        const packets = (await forwarded()) ?? '';
        if (packets !== before.packets) before = { packets, atMs: performance.now() };
        // The server reads its counters each five seconds.
        return performance.now() - before.atMs > 11_000;
      },
      'nothing is forwarded',
      60_000,
      500,
    );
    for (const page of [ada, ben]) {
      await waitForFlow(page, { video: 1, audio: 1 });
      await waitForVoices(page, 1);
      await eventually(() => isShown(page), 'a picture of the other one', 20_000);
    }
    await ada.getByRole('button', { name: 'Call quality: direct' }).click();
    await ada.getByText('Direct: you send to each other, not through the server.').waitFor();
    await ada.getByText('Ben, camera', { exact: true }).waitFor({ timeout: 30_000 });
    expect(await seriousFor(ada, '.call-header', '.panel')).toEqual([]);

    const cleo = await join('direct', 'Cleo');
    for (const page of [ada, ben]) {
      await page.getByText('Direct call', { exact: true }).waitFor({ state: 'detached', timeout: 30_000 });
    }
    for (const page of [ada, ben, cleo]) {
      await waitForFlow(page, { video: 2, audio: 2 });
      await waitForVoices(page, 2);
    }
  });
});

/** The other one's picture moves on the screen. */
async function isShown(page: Awaited<ReturnType<typeof joinCall>>): Promise<boolean> {
  return page.evaluate<boolean>(
    `[...document.querySelectorAll('.tile video')].every((video) => video.dataset.shown === 'true' && video.videoWidth > 0)`,
  );
}
