// Firefox and Chromium, sending to each other.

import { describe, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startFirefox } from '../support/firefox.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { requireOrSkip } from '../support/require.ts';
import { serveSdkPage } from '../support/sdk-bundle.ts';
import { SdkPeer } from '../support/sdk-peer.ts';
import { startServer } from '../support/start-server.ts';

const canRun =
  requireOrSkip('mediasoup') && requireOrSkip('browser') && requireOrSkip('firefox') && requireOrSkip('netns');

describe.skipIf(!canRun)('Firefox', () => {
  test('sends to Chromium without the server, and through it when a third one joins', {
    timeout: 180_000,
  }, async () => {
    const started = await Promise.all([startFirefox(), startBrowser(), serveSdkPage()]);
    await using firefox = started[0];
    await using chromium = started[1];
    await using sdk = started[2];
    await using server = await startServer({
      gateway: { allowedOrigins: ['*'] },
      media: { listenIp: firefox.host },
      rooms: { direct: 'auto' },
    });
    const metric = async (name: string) => {
      const text = await readMetrics(server.url);
      return new RegExp(`^parley_${name} (\\d+)$`, 'm').exec(text)?.[1];
    };
    const pages = [await firefox.openPage(sdk.url, server.url), await chromium.openPage(sdk.url)] as const;
    const ada = await SdkPeer.join(pages[0], server, { room: 'two', identity: 'ada' });
    const ben = await SdkPeer.join(pages[1], server, { room: 'two', identity: 'ben' });
    const sources = ['microphone', 'camera'] as const;
    for (const peer of [ada, ben]) for (const source of sources) await peer.publish(source);
    await eventually(async () => (await metric('direct_calls')) === '1', 'a direct call', 60_000);
    let before = { packets: '', atMs: performance.now() };
    await eventually(
      async () => {
        const packets = (await metric('media_packets_forwarded_total')) ?? '';
        if (packets !== before.packets) before = { packets, atMs: performance.now() };
        return performance.now() - before.atMs > 11_000;
      },
      'nothing is forwarded',
      60_000,
      500,
    );
    for (const peer of [ada, ben]) for (const source of sources) await peer.expectFlow(source);
    const cleo = await SdkPeer.join(await chromium.openPage(sdk.url), server, { room: 'two', identity: 'cleo' });
    await eventually(async () => (await metric('direct_calls')) === '0', 'the lift', 30_000);
    await cleo.expectFlow('microphone');
    for (const peer of [ada, ben]) for (const source of sources) await peer.expectFlow(source);
    // Before their server goes, which they would complain of.
    await Promise.all([firefox.closePages(), chromium.closePages()]);
  });
});
