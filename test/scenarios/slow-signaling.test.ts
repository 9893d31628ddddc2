// Media comes by another way than the words about it, and may well be faster.

import { expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { requireOrSkip } from '../support/require.ts';
import { serveSdkPage } from '../support/sdk-bundle.ts';
import { SdkPeer } from '../support/sdk-peer.ts';
import { startServer } from '../support/start-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');

/** From now on what the page tells its server takes so much longer, in order. */
const delayWords = (delayMs: number): string => `{
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) { setTimeout(() => send.call(this, data), ${delayMs}); };
}`;

test.skipIf(!canRun)(
  'a screen beside a camera is seen though its server is told of it seconds later',
  { timeout: 240_000 },
  async () => {
    await using server = await startServer({ gateway: { allowedOrigins: ['*'] } });
    await using browser = await startBrowser();
    await using sdk = await serveSdkPage();
    const page = await browser.openPage(sdk.url);
    const ada = await SdkPeer.join(page, server, { room: 'slow', identity: 'ada' });
    const ben = await SdkPeer.join(await browser.openPage(sdk.url), server, { room: 'slow', identity: 'ben' });
    await ada.publish('camera');
    await ben.expectFlow('camera');

    await page.evaluate(delayWords(3_000));
    await ada.publish('screen');
    await ben.expectHeight('screen', (lines) => lines === 720, 'all lines');
    await ben.expectFlow('camera', 'screen');
    // Each in its own stream: none of them was taken for the other.
    expect(Object.keys(await ben.received()).sort()).toEqual(['camera', 'screen']);
  },
);
