// Firefox in a room with Chromium: the page, the SDK, and session descriptions alone.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startFirefox, type TestFirefox } from '../support/firefox.ts';
import { ingestRequest, sdpType } from '../support/ingest-client.ts';
import { joinCall } from '../support/join-page.ts';
import { waitForFlow } from '../support/media-flow.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { requireOrSkip } from '../support/require.ts';
import { type SdkFiles, serveSdkPage } from '../support/sdk-bundle.ts';
import { SdkPeer } from '../support/sdk-peer.ts';
import { SdpCaller } from '../support/sdp-client.ts';
import { openSdpPage } from '../support/sdp-page.ts';
import { type RunningServer, servingPage, startServer } from '../support/start-server.ts';

const canRun =
  requireOrSkip('mediasoup') && requireOrSkip('browser') && requireOrSkip('firefox') && requireOrSkip('netns');
const bothWays = { video: 1, audio: 1 };

describe.skipIf(!canRun)('Firefox', { timeout: 120_000 }, () => {
  let firefox: TestFirefox;
  let chromium: TestBrowser;
  let server: RunningServer;
  let sdk: SdkFiles;

  beforeAll(async () => {
    [firefox, chromium, sdk] = await Promise.all([startFirefox(), startBrowser(), serveSdkPage()]);
    server = await startServer({
      gateway: { ...servingPage, allowedOrigins: ['*'] },
      media: { listenIp: firefox.host },
    });
  }, 120_000);
  afterEach(() => Promise.all([firefox.closePages(), chromium.closePages()]));
  afterAll(async () => {
    await Promise.all([firefox?.[Symbol.asyncDispose](), chromium?.close()]);
    await sdk?.[Symbol.asyncDispose]();
    await server?.close();
  });

  /** `ada` is in Firefox, `ben` in Chromium. */
  async function joinBySdk(room: string): Promise<{ ada: SdkPeer; ben: SdkPeer }> {
    const pages = await Promise.all([firefox.openPage(sdk.url, server.url), chromium.openPage(sdk.url)]);
    const [ada, ben] = await Promise.all([
      SdkPeer.join(pages[0], server, { room, identity: 'ada' }),
      SdkPeer.join(pages[1], server, { room, identity: 'ben' }),
    ]);
    return { ada, ben };
  }

  test('sees and hears Chromium in the page, and is seen and heard', async () => {
    const url = `${server.url}/r/page`;
    const ada = await firefox.openPage(url);
    await ada.type('.join-form input', 'Ada');
    await ada.keyboard.press('Enter');
    const ben = await joinCall(chromium, url, { name: 'Ben' });
    await Promise.all([waitForFlow(ada, bothWays), waitForFlow(ben, bothWays)]);
  });

  test('sends its camera in layers, and receives those of Chromium', async () => {
    const { ada, ben } = await joinBySdk('layers');
    await Promise.all([ada, ben].map((peer) => peer.publish('camera')));
    const see = async (peer: SdkPeer) => {
      await peer.expectHeight('camera', (lines) => lines > 135, 'many lines');
      await peer.setView('camera', { width: 240, height: 135 });
      await peer.expectHeight('camera', (lines) => lines === 135, 'few lines');
    };
    await Promise.all([ada, ben].map(see));
    expect((await ada.sent('camera')).length).toBe(3);
  });

  test('shares a screen that Chromium sees whole, and sees the one of Chromium', async () => {
    const { ada, ben } = await joinBySdk('screens');
    await Promise.all([ada, ben].map((peer) => peer.publish('screen')));
    await Promise.all([ada, ben].map((peer) => peer.expectFlow('screen')));
    await Promise.all([ada, ben].map((peer) => peer.expectHeight('screen', (lines) => lines === 720, 'all lines')));
  });

  test('restarts ICE when its network changes, and the tracks go on', async () => {
    const { ada, ben } = await joinBySdk('restart');
    await Promise.all([ada, ben].map((peer) => peer.publish('microphone')));
    await Promise.all([ada, ben].map((peer) => peer.expectFlow('microphone')));
    const tracks = await Promise.all([ada, ben].map((peer) => peer.received()));
    const before = await ada.credentials();
    await ada.changeNetwork();
    await eventually(async () => {
      const now = await ada.credentials();
      return now.length === before.length && now.every((each) => !before.includes(each));
    }, 'other credentials');
    await Promise.all([ada, ben].map((peer) => peer.expectFlow('microphone')));
    const after = await Promise.all([ada, ben].map((peer) => peer.received()));
    expect(after.map(({ microphone }) => microphone?.id)).toEqual(tracks.map(({ microphone }) => microphone?.id));
  });

  test('says and hears by data channels', async () => {
    const { ada, ben } = await joinBySdk('data');
    for (const [from, to, topic] of [
      [ada, ben, 'from Firefox'],
      [ben, ada, 'from Chromium'],
    ] as const) {
      // Nothing is kept for those whose channels are not open yet.
      await eventually(async () => {
        await from.say(topic, 'héllo');
        return (await to.heard()).some(([heard, text]) => heard === topic && text === 'héllo');
      }, topic);
    }
  });

  test('with nothing of ours publishes and subscribes by session descriptions', async () => {
    await using page = await openSdpPage((url) => firefox.openPage(url));
    using ada = await SdpCaller.join(server, 'plain', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'plain', { identity: 'ben' });
    await page.take('ada', (await ada.call('sdp.publish', { offer: await page.publish('ada') })).answer);
    const capabilities = await page.offer('abilities', ['audio recvonly', 'video recvonly']);
    const { sessionId, version, offer } = await ben.call('sdp.subscribe', { capabilities, auto: true });
    await ben.call('sdp.answer', { sessionId, version, answer: await page.answer('ben', offer) });
    await eventually(async () => {
      const amounts = Object.values(await page.received('ben'));
      return amounts.length === 2 && amounts.every((amount) => amount > 0);
    }, 'sound and frames');
  });

  test('sends by WHIP and plays by WHEP', async () => {
    await using page = await openSdpPage((url) => firefox.openPage(url));
    const token = server.issueToken({ identity: 'ada' });
    const post = async (path: string, body: string) => {
      const response = await ingestRequest(server, 'POST', path, { token, type: sdpType, body });
      expect(response.status).toBe(201);
      return response.text();
    };
    await page.take('sender', await post('/whip/stage', await page.publish('sender')));
    const offer = await page.offer('player', ['audio recvonly', 'video recvonly']);
    await page.take('player', await post('/whep/stage', offer));
    await eventually(async () => {
      const amounts = Object.values(await page.received('player'));
      return amounts.length === 2 && amounts.every((amount) => amount > 0);
    }, 'sound and frames');
  });

  // The last one: what is dropped stays dropped.
  test('goes over TCP where its network drops UDP', async () => {
    firefox.dropUdp();
    const { ada, ben } = await joinBySdk('closed');
    await Promise.all([ada, ben].map((peer) => peer.publish('microphone')));
    await Promise.all([ada, ben].map((peer) => peer.expectFlow('microphone')));
    const metrics = await readMetrics(server.url);
    expect(metrics).toMatch(/^parley_media_transports_by_protocol\{protocol="tcp"\} [2-9]$/m);
  });
});
