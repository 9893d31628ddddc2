import { describe, expect, test } from 'vitest';
import { seriousFor } from '../support/axe.ts';
import { eventually } from '../support/eventually.ts';
import { joinCall } from '../support/join-page.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');

describe.skipIf(!canRun)('the call quality of a page', { timeout: 90_000 }, () => {
  const pages = servePages({ quality: { reportIntervalMs: 1_000 } });

  const join = (room: string, name: string, moderator = false) =>
    joinCall(pages.browser, `${pages.server.url}/r/${room}`, { name, moderator });

  test('is told, measured and drawn, of what is sent and of what is received', async () => {
    const [ada] = await Promise.all([join('quality', 'Ada'), join('quality', 'Ben')]);
    await ada.getByRole('button', { name: /^Call quality: (Very good|Good)$/ }).click();
    const panel = ada.getByRole('complementary', { name: 'Call quality' });
    for (const name of ['Your microphone', 'Your camera', 'Ben, microphone', 'Ben, camera']) {
      await panel.getByText(name, { exact: true }).waitFor();
    }
    await panel.getByText(/Others see and hear you|others see and hear you/).waitFor();
    const camera = panel.locator('details', { hasText: 'Ben, camera' });
    if ((await camera.getAttribute('open')) === null) await camera.locator('summary').click();
    await expect.poll(() => camera.locator('canvas').count()).toBe(5);
    await camera.getByText(/^\d+(\.\d+)? [kM]bit\/s$/).waitFor();
    await eventually(() => isDrawn(camera), 'a line in the plot', 20_000);
    expect(await seriousFor(ada, '.panel')).toEqual([]);
  });

  test('shows a moderator the tracks of others, and nobody else', async () => {
    const [ada, ben] = await Promise.all([join('moderated', 'Ada', true), join('moderated', 'Ben')]);
    for (const page of [ada, ben]) await page.getByRole('button', { name: /^Call quality: (Very good|Good)$/ }).click();
    await ada.locator('.quality-people summary', { hasText: 'Ben' }).click();
    await ada.getByText('sends: microphone').waitFor();
    await ada.getByText('receives: your microphone').waitFor();
    expect(await seriousFor(ada, '.panel')).toEqual([]);
    await ben.locator('.quality-people .person-quality', { hasText: 'Ada' }).waitFor();
  });
});

/** Whether any of the plots has a pixel that is not transparent. */
function isDrawn(details: {
  locator(selector: string): { first(): { evaluate<T>(run: (element: unknown) => T): Promise<T> } };
}) {
  return details
    .locator('canvas')
    .first()
    .evaluate((element) => {
      const canvas = element as { width: number; height: number; getContext(kind: string): unknown };
      const context = canvas.getContext('2d') as {
        getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
      };
      return context.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
    });
}
