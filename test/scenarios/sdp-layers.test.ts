// Layers for clients without the SDK: by what they say of how large they show a track, and by what is lost on the way.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startImpairedRelay } from '../support/impaired-path.ts';
import { ingestRequest, sdpType } from '../support/ingest-client.ts';
import { requireOrSkip } from '../support/require.ts';
import { SdpCaller } from '../support/sdp-client.ts';
import { openSdpPage, type SdpPage } from '../support/sdp-page.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const small = { width: 240, height: 135 };
const large = { width: 640, height: 360 };
/** A page that encodes and decodes shares two cores with whatever else runs here. */
const patience = 60_000;

describe.skipIf(!(requireOrSkip('mediasoup') && requireOrSkip('browser'))).concurrent('a picture in two layers', () => {
  let server: RunningServer;
  let page: SdpPage;
  beforeAll(async () => {
    [server, page] = await Promise.all([startServer(), openSdpPage()]);
  });
  afterAll(async () => {
    await page[Symbol.asyncDispose]();
    await server.close();
  });

  /** Sends from the page, as the connection of this name, and says how large it is. */
  async function publish(caller: SdpCaller, name: string): Promise<string> {
    const published = await caller.call('sdp.publish', { offer: await page.publishLayers(name) });
    await page.take(name, published.answer);
    const producerId = published.tracks[0]?.producerId ?? '';
    await caller.call('media.setProducerSize', { producerId, width: 640, height: 360 });
    return producerId;
  }

  /** Statistics cost the page a lot: asked without a break, they slow down the pictures that are waited for. */
  const expectWidth = (name: string, width: number, what: string) =>
    eventually(async () => (await page.width(name)) === width, what, patience, 50);

  test('comes as large as a client shows it, and its sender is told what nobody shows', {
    timeout: 180_000,
  }, async () => {
    using ada = await SdpCaller.join(server, 'views', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'views', { identity: 'ben' });
    const producerId = await publish(ada, 'ada');
    const capabilities = await page.offer('abilities', ['audio recvonly', 'video recvonly']);
    const { sessionId, version, offer, tracks } = await ben.call('sdp.subscribe', { capabilities, auto: true });
    await ben.call('sdp.answer', { sessionId, version, answer: await page.answer('ben', offer) });
    await expectWidth('ben', 640, 'the large layer');

    const consumerId = tracks[0]?.consumerId ?? '';
    await ben.call('media.setConsumerView', { consumerId, view: small });
    await expectWidth('ben', 320, 'the small layer');
    const wanted = () => ada.of('producerLayerWanted').filter((told) => told.producerId === producerId);
    await eventually(() => wanted().at(-1)?.spatialLayer === 0, 'the wish for the small layer', patience);

    await ben.call('media.setConsumerView', { consumerId, view: large });
    await eventually(() => wanted().at(-1)?.spatialLayer === 1, 'the wish for the large layer', patience);
    await expectWidth('ben', 640, 'the large layer again');
    expect(ben.of('consumerLayersChanged').every((told) => told.consumerId === consumerId)).toBe(true);
  });

  test('falls to its small layer where the way to a WHEP player is too narrow, and comes back', {
    timeout: 240_000,
  }, async () => {
    using ada = await SdpCaller.join(server, 'loss', { identity: 'ada' });
    await publish(ada, 'sender');
    await using relay = await startImpairedRelay();
    const opened = await ingestRequest(server, 'POST', '/whep/loss', {
      token: server.issueToken({ identity: 'viewer' }),
      type: sdpType,
      body: await page.offer('viewer', ['video recvonly']),
    });
    const answer = await opened.text();
    expect([opened.status, answer]).toEqual([201, expect.not.stringContaining('transport-cc')]);
    relay.target = Number(/ udp \d+ \S+ (\d+) typ/.exec(answer)?.[1]);
    const behind = answer
      .replace(/( udp \d+ \S+) \d+ typ/, `$1 ${relay.port} typ`)
      .replace(/a=candidate:tcpcandidate.*\r\n/, '');
    await page.take('viewer', behind);
    await expectWidth('viewer', 640, 'the large layer');

    // Losses that retransmissions do not mend: a link that is too narrow for this layer, and for what is sent again.
    const sent = { bytes: 0, sinceMs: performance.now() };
    relay.impair({
      drops: ({ byteLength }) => {
        sent.bytes += byteLength;
        return false;
      },
    });
    await eventually(() => sent.bytes > 100_000, 'enough to know how much is sent', patience);
    const kilobitsPerSecond = (sent.bytes * 8) / (performance.now() - sent.sinceMs);
    relay.impair({ kilobitsPerSecond: kilobitsPerSecond * 0.6 });
    await expectWidth('viewer', 320, 'the small layer');
    relay.impair({});
    await expectWidth('viewer', 640, 'the large layer again');
  });
});
