// A sender and a player that others wrote, in a page of another origin.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { SdpCaller, SdpReceiver } from '../support/sdp-client.ts';
import { startServer } from '../support/start-server.ts';

describe.skipIf(!(requireOrSkip('mediasoup') && requireOrSkip('browser')))(
  'the package whip-whep in a page of another origin',
  () => {
    test('sends by WHIP and plays by WHEP', async () => {
      await using server = await startServer({ ingest: { allowedOrigins: ['*'] } });
      const files = createServer(async (request, response) => {
        const name = /^\/(whip|whep)\.js$/.exec(request.url ?? '')?.[1];
        response.setHeader('content-type', name ? 'text/javascript' : 'text/html');
        const file = new URL(`../../node_modules/whip-whep/${name}.js`, import.meta.url);
        response.end(name ? await readFile(file) : '<!doctype html><title>WHIP</title>');
      });
      files.listen(0, '127.0.0.1');
      await once(files, 'listening');
      try {
        await using browser = await startBrowser();
        const page = await browser.openPage(`http://127.0.0.1:${(files.address() as AddressInfo).port}/`);
        using ben = await SdpCaller.join(server, 'page', { identity: 'ben' });
        using receiver = new SdpReceiver(ben);
        await receiver.subscribe();
        const tokenOf = (identity: string) => server.issueToken({ identity });
        await page.evaluate(`(async () => {
        const { WHIPClient } = await import('/whip.js');
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
        const connection = new RTCPeerConnection();
        for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
        globalThis.sender = new WHIPClient();
        await sender.publish(connection, '${server.url}/whip/page', '${tokenOf('page')}');
      })()`);
        await receiver.expectMore('sound and frames of the page');

        await page.evaluate(`(async () => {
        const { WHEPClient } = await import('/whep.js');
        const connection = (globalThis.playing = new RTCPeerConnection());
        connection.ontrack = ({ track }) => {
          const element = Object.assign(document.createElement(track.kind), { autoplay: true, muted: track.kind === 'video' });
          element.srcObject = new MediaStream([track]);
          document.body.append(element);
        };
        for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
        globalThis.player = new WHEPClient();
        await player.view(connection, '${server.url}/whep/page', '${tokenOf('viewer')}');
      })()`);
        const played = () =>
          page.evaluate<{ frames: number; sound: number }>(`(async () => {
          const reports = [...(await playing.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
          const sum = (name) => reports.reduce((total, report) => total + (report[name] ?? 0), 0);
          return { frames: sum('framesDecoded'), sound: sum('totalAudioEnergy') };
        })()`);
        await eventually(async () => {
          const { frames, sound } = await played();
          return frames > 10 && sound > 0;
        }, 'sound and frames of the player');

        await page.evaluate('player.stop()');
        await eventually(() => ben.of('peersLeft').length === 1, 'the player’s leave');
        await page.evaluate('sender.stop()');
        await eventually(() => ben.of('peersLeft').length === 2, 'the sender’s leave');
      } finally {
        files.close();
      }
    });
  },
);
