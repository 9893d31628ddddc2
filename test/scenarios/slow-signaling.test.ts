// Media comes by another way than the words about it, and may well be faster.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { startFirefox, type TestFirefox } from '../support/firefox.ts';
import { requireOrSkip } from '../support/require.ts';
import { type SdkFiles, serveSdkPage } from '../support/sdk-bundle.ts';
import { type ScriptedPage, SdkPeer } from '../support/sdk-peer.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const canRunFirefox = canRun && requireOrSkip('firefox') && requireOrSkip('netns');

/** From now on what the page tells its server takes so much longer, in order. */
const delayWords = (delayMs: number): string => `{
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) { setTimeout(() => send.call(this, data), ${delayMs}); };
}`;

async function shareBesideCamera(server: RunningServer, from: ScriptedPage, to: ScriptedPage): Promise<void> {
  const [ada, ben] = await Promise.all([
    SdkPeer.join(from, server, { room: 'slow', identity: 'ada' }),
    SdkPeer.join(to, server, { room: 'slow', identity: 'ben' }),
  ]);
  await ada.publish('camera');
  await ben.expectFlow('camera');
  await from.evaluate(delayWords(3_000));
  await ada.publish('screen');
  await ben.expectHeight('screen', (lines) => lines === 720, 'all lines');
  await ben.expectFlow('camera', 'screen');
  // Each in its own stream: none of them was taken for the other.
  expect(Object.keys(await ben.received()).sort()).toEqual(['camera', 'screen']);
}

describe.skipIf(!canRun)('where words about media come seconds later', { timeout: 240_000 }, () => {
  let chromium: TestBrowser;
  let sdk: SdkFiles;
  let firefox: TestFirefox | undefined;

  beforeAll(async () => {
    [chromium, sdk, firefox] = await Promise.all([
      startBrowser(),
      serveSdkPage(),
      canRunFirefox ? startFirefox() : undefined,
    ]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([chromium?.close(), firefox?.[Symbol.asyncDispose]()]);
    await sdk?.[Symbol.asyncDispose]();
  });

  test('a screen beside a camera is seen', async () => {
    await using server = await startServer({ gateway: { allowedOrigins: ['*'] } });
    const pages = await Promise.all([chromium.openPage(sdk.url), chromium.openPage(sdk.url)]);
    await shareBesideCamera(server, ...pages);
    // Before the server, which pages would complain of.
    await chromium.closePages();
  });

  test.skipIf(!canRunFirefox)('and so is one that Firefox shares', async () => {
    if (!firefox) throw new Error('there is no Firefox');
    await using server = await startServer({ gateway: { allowedOrigins: ['*'] }, media: { listenIp: firefox.host } });
    await shareBesideCamera(server, await firefox.openPage(sdk.url, server.url), await chromium.openPage(sdk.url));
    await Promise.all([firefox.closePages(), chromium.closePages()]);
  });
});
