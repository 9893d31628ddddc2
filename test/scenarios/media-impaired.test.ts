// Calls over bad networks: what is lost, what is kept, and what comes back.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { findFreePort } from '../support/free-port.ts';
import { type ImpairedRelay, type Impairment, startImpairedRelay } from '../support/impaired-path.ts';
import { requireOrSkip } from '../support/require.ts';
import { type SdkFiles, serveSdkPage } from '../support/sdk-bundle.ts';
import { type Look, SdkPeer } from '../support/sdk-peer.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');

describe.skipIf(!canRun)('a call over a bad network', { timeout: 400_000 }, () => {
  let server: RunningServer;
  let browser: TestBrowser;
  let sdk: SdkFiles;
  let mediaPort: number;

  beforeAll(async () => {
    mediaPort = await findFreePort();
    [server, browser, sdk] = await Promise.all([
      startServer({ gateway: { allowedOrigins: ['*'] }, media: { port: mediaPort } }),
      startBrowser(),
      serveSdkPage(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await sdk?.[Symbol.asyncDispose]();
    await server?.close();
  });

  async function badNetwork(impairment: Impairment = {}): Promise<ImpairedRelay> {
    const relay = await startImpairedRelay(impairment);
    relay.target = mediaPort;
    return relay;
  }

  interface Call extends AsyncDisposable {
    join(identity: string, network?: ImpairedRelay): Promise<SdkPeer>;
  }

  /** Its pages are closed with it: what is called at the same time stays. */
  function startCall(room: string): Call {
    const pages: Page[] = [];
    return {
      async join(identity, network) {
        const page = await browser.openPage(sdk.url);
        pages.push(page);
        return SdkPeer.join(page, server, { room, identity, mediaPort: network?.port ?? 0 });
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(pages.map((page) => page.context().close()));
      },
    };
  }

  /** Waits until a look of 2 s at what comes is as it should be. */
  async function expectLook(
    peer: SdkPeer,
    isRight: (look: Look) => boolean,
    what: string,
    deadlineMs = 90_000,
  ): Promise<void> {
    let seen: Look | undefined;
    const look = async () => {
      seen = await peer.look(2_000);
      return isRight(seen);
    };
    await eventually(look, what, deadlineMs).catch((error: unknown) => {
      throw new Error(JSON.stringify(seen), { cause: error });
    });
  }

  const isScreenFirst = ({ lostSound, screen, camera }: Look): boolean =>
    lostSound < 0.2 && screen.frames > 0 && screen.lines === 720 && (camera.frames === 0 || camera.lines <= 270);

  test.concurrent('that loses a packet of twenty, and takes 200 ms each way, is heard and seen on both sides', async () => {
    await using network = await badNetwork({ lossPercent: 5, delayMs: 200 });
    await using call = startCall('lossy');
    const both = await Promise.all([call.join('ada'), call.join('ben', network)]);
    await Promise.all(both.flatMap((peer) => [peer.publish('microphone'), peer.publish('camera')]));
    await Promise.all(both.map((peer) => peer.expectFlow('microphone', 'camera')));
    const isGood = ({ lostSound, camera }: Look) => lostSound < 0.4 && camera.frames > 0;
    await Promise.all(both.map((peer) => expectLook(peer, isGood, 'sound and pictures')));
  });

  test.concurrent('that is cut for 4 s goes on both ways', async () => {
    await using network = await badNetwork();
    await using call = startCall('cut');
    // How many lines come does not matter here, and others encode theirs at the same time.
    const small = { width: 320, height: 180 };
    const both = await Promise.all([call.join('ada'), call.join('ben', network)]);
    await Promise.all(both.flatMap((peer) => [peer.publish('microphone'), peer.publish('camera', small)]));
    await Promise.all(both.map((peer) => peer.expectFlow('microphone', 'camera')));
    network.isCut = true;
    const whileCut = await Promise.all(both.map((peer) => peer.look(4_000)));
    for (const { lostSound } of whileCut) expect(lostSound).toBeGreaterThan(0.5);
    network.isCut = false;
    await Promise.all(both.map((peer) => peer.expectFlow('microphone', 'camera')));
  });

  test('that becomes narrow goes on with its sound, and with the screen before cameras, until it is wide again', async () => {
    await using network = await badNetwork();
    await using call = startCall('viewer');
    const [ada, ben] = await Promise.all([call.join('ada'), call.join('ben', network)]);
    await Promise.all([ada.publish('microphone'), ada.publish('camera'), ada.publish('screen')]);
    await ben.expectHeight('camera', (lines) => lines === 540, 'all lines');
    await ben.expectHeight('screen', (lines) => lines === 720, 'all lines');

    network.impair({ kilobitsPerSecond: 300 });
    const lost: number[] = [];
    while (lost.length < 12) lost.push((await ben.look(2_000)).lostSound);
    const lostShare = lost.reduce((sum, share) => sum + share) / lost.length;
    expect(lostShare).toBeLessThan(0.3);
    // Five in a row are ten seconds of silence.
    expect(lost.map((share) => (share > 0.9 ? 'x' : '.')).join('')).not.toContain('xxxxx');
    await expectLook(ben, isScreenFirst, 'the screen before the camera');

    const wideMs = performance.now();
    network.impair({});
    const isBack = ({ camera, screen }: Look) => camera.frames > 0 && camera.lines === 540 && screen.frames > 0;
    await expectLook(ben, isBack, 'all lines again', 120_000);
    const backSeconds = (performance.now() - wideMs) / 1000;
    console.info(
      `sound lost in 24 s: ${(lostShare * 100).toFixed(0)} %; all lines back after ${backSeconds.toFixed(0)} s`,
    );
  });

  test('that is narrow where a screen is shared from carries it in all lines before the camera', async () => {
    await using network = await badNetwork();
    await using call = startCall('sharer');
    const [ada, ben] = await Promise.all([call.join('ada', network), call.join('ben')]);
    await Promise.all([ada.publish('microphone'), ada.publish('camera'), ada.publish('screen')]);
    await ben.expectHeight('camera', (lines) => lines === 540, 'all lines');
    network.impair({ kilobitsPerSecond: 300 });
    await expectLook(ben, isScreenFirst, 'the screen before the camera');
  });
});
