import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { joinCall } from '../support/join-page.ts';
import { waitForFlow } from '../support/media-flow.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
/** Chromium's encoders share two cores with whatever else runs here. */
const patience = { timeout: 30_000, interval: 250 };

interface SentLayer {
  readonly rid: string;
  readonly packets: number;
  readonly height: number;
}

interface Received {
  readonly kind: string;
  readonly amount: number;
  readonly height: number;
}

const sentLayers = (page: Page) => page.evaluate<SentLayer[]>('parleyTest.sentLayers()');

/** Of which anything was decoded: one stream more is there for probing alone. */
async function receivedPictures(page: Page): Promise<Received[]> {
  const received = await page.evaluate<Received[]>('parleyTest.received()');
  return received.filter(({ kind, amount }) => kind === 'video' && amount > 0);
}

const expectHeight = (page: Page, height: number) =>
  expect.poll(async () => (await receivedPictures(page))[0]?.height, patience).toBe(height);

/** Waits until these layers carry packets, and the others do not, from one look to the next. */
async function expectLayers(page: Page, layers: readonly boolean[]): Promise<void> {
  let before = await sentLayers(page);
  const look = async () => {
    const now = await sentLayers(page);
    const alive = now.map(({ packets }, layer) => packets > (before[layer]?.packets ?? 0));
    before = now;
    return alive;
  };
  await expect.poll(look, { ...patience, interval: 1_000 }).toEqual(layers);
}

/** As when another tab is opened over it, and closed again. */
const setVisibility = (page: Page, state: 'visible' | 'hidden') =>
  page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);

describe.skipIf(!canRun)('a camera of 720 lines', { timeout: 120_000 }, () => {
  const pages = servePages();

  test('is sent in as many layers as its viewer has room for, and not at all while nobody looks', async () => {
    const url = `${pages.server.url}/r/layers`;
    const ada = await joinCall(pages.browser, url, {
      name: 'Ada',
      camera: { width: 1280, height: 720, frameRate: 10 },
    });
    const ben = await joinCall(pages.browser, url, { name: 'Ben', viewport: { width: 360, height: 300 } });
    await waitForFlow(ben, { video: 1, audio: 1 });
    await expectHeight(ben, 180);
    await expectLayers(ada, [true, false, false]);

    await ben.setViewportSize({ width: 1900, height: 1000 });
    await expectLayers(ada, [true, true, true]);
    await expectHeight(ben, 720);

    await setVisibility(ben, 'hidden');
    await expectLayers(ada, [false, false, false]);
    const [dark] = await receivedPictures(ben);
    await setVisibility(ben, 'visible');
    await expect
      .poll(async () => (await receivedPictures(ben))[0]?.amount, patience)
      .toBeGreaterThan(dark?.amount ?? 0);
  });

  test('a screen reaches its viewer in every line that is sent of it', async () => {
    const url = `${pages.server.url}/r/screens`;
    const ada = await joinCall(pages.browser, url, { name: 'Ada' });
    const ben = await joinCall(pages.browser, url, { name: 'Ben', viewport: { width: 1280, height: 900 } });
    await ada.keyboard.press('s');
    await waitForFlow(ben, { video: 2, audio: 1 });
    const screenLayers = async () => (await sentLayers(ada)).filter(({ height }) => height > 180);
    await expect.poll(async () => (await screenLayers()).length, patience).toBeGreaterThan(0);
    const sent = Math.max(...(await screenLayers()).map(({ height }) => height));
    await expect
      .poll(async () => Math.max(...(await receivedPictures(ben)).map(({ height }) => height)), patience)
      .toBe(sent);
  });
});
