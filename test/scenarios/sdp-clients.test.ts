// Clients that speak session descriptions and nothing else, in a room with all others.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { recordWorkers } from '../support/recorded-workers.ts';
import { requireOrSkip } from '../support/require.ts';
import { SdpCaller, SdpReceiver, SdpSender } from '../support/sdp-client.ts';
import { openSdpPage, type SdpPage } from '../support/sdp-page.ts';
import { sampleOffer } from '../support/sdp-samples.ts';
import { SoundSender } from '../support/sound-sender.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { createWrtcPeer } from '../support/wrtc-peer.ts';
import { createPicture, createTone } from '../support/wrtc-tracks.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('a client with libwebrtc and nothing of ours', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ rooms: { idleTimeoutMs: 1_000 } });
  });
  afterAll(() => server.close());

  test('hears and sees another one, through tracks that come and go, and an ICE restart', async () => {
    using ada = await SdpCaller.join(server, 'talk', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'talk', { identity: 'ben' });
    using receiver = new SdpReceiver(ben);
    await receiver.subscribe();
    const [tone, picture] = [createTone(), createPicture()];
    try {
      using sender = new SdpSender(ada);
      await sender.send(tone, picture);
      expect(sender.tracks.map(({ source }) => source)).toEqual(['microphone', 'camera']);
      await receiver.expectMore('sound and frames');

      // The camera goes off and on again: its section is used once more.
      const camera = sender.connection.getSenders()[1];
      for (let round = 0; round < 3; round++) {
        if (camera) sender.connection.removeTrack(camera);
        await sender.negotiate();
        expect(sender.tracks.map(({ source }) => source)).toEqual(['microphone']);
        await eventually(() => receiver.offers.at(-1)?.tracks.length === 1, 'an offer without the picture');
        const [, transceiver] = sender.connection.getTransceivers();
        await transceiver?.sender.replaceTrack(picture.track);
        if (transceiver) transceiver.direction = 'sendonly';
        await sender.negotiate();
        await eventually(() => receiver.offers.at(-1)?.tracks.length === 2, 'an offer with the picture');
        await receiver.expectMore('sound and frames again');
      }
      expect(receiver.offers.at(-1)?.offer.match(/^m=/gm)?.length).toBeLessThanOrEqual(3);

      await sender.negotiate({ iceRestart: true });
      await receiver.restartIce();
      await receiver.expectMore('sound and frames after both restarted ICE');
    } finally {
      tone.stop();
      picture.stop();
    }
  });

  test('that closes a session while it restarts ICE is asked for no answer', async () => {
    using ada = await SdpCaller.join(server, 'closing', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'closing', { identity: 'ben' });
    await ada.call('sdp.publish', { offer: sampleOffer('chromium-156-publish') });
    const { sessionId } = await ben.call('sdp.subscribe', { auto: true });
    const restarting = ben.call('sdp.restartIce', { sessionId });
    await Promise.all([
      expect(restarting).rejects.toThrow('SDP_SESSION_NOT_FOUND'),
      ben.call('sdp.close', { sessionId }),
    ]);
  });

  test('gets three who publish at once in few offers, and hears all', async () => {
    using ben = await SdpCaller.join(server, 'storm', { identity: 'ben' });
    using receiver = new SdpReceiver(ben);
    await receiver.subscribe();
    const callers = await Promise.all(
      ['cleo', 'dan', 'eva'].map((identity) => SdpCaller.join(server, 'storm', { identity })),
    );
    const senders = callers.map((caller) => new SdpSender(caller));
    const tones = callers.map(() => createTone());
    try {
      await Promise.all(senders.map((sender, index) => sender.send(tones[index]!)));
      await eventually(() => receiver.offers.at(-1)?.tracks.length === 3, 'three tracks');
      expect(receiver.offers.length).toBeLessThanOrEqual(3);
      const inbound = async () =>
        [...(await receiver.connection.getStats()).values()].filter(
          ({ type, totalAudioEnergy }) => type === 'inbound-rtp' && totalAudioEnergy > 0,
        );
      await eventually(async () => (await inbound()).length === 3, 'three voices');
    } finally {
      for (const tone of tones) tone.stop();
      for (const sender of senders) sender[Symbol.dispose]();
      for (const caller of callers) caller[Symbol.dispose]();
    }
  });

  test('whose answer is late gets what came and went meanwhile in one offer more', async () => {
    using ada = await SdpCaller.join(server, 'late', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'late', { identity: 'ben' });
    using cleo = await SdpCaller.join(server, 'late', { identity: 'cleo' });
    using receiver = new SdpReceiver(ben);
    using adas = new SdpSender(ada);
    using cleos = new SdpSender(cleo);
    const made = [createTone(), createPicture(), createTone({ frequencyHz: 660 })] as const;
    try {
      await adas.send(made[0]);
      let release = () => {};
      receiver.held = new Promise((resolve) => {
        release = resolve;
      });
      const answered = receiver.subscribe();
      await eventually(() => receiver.offers.length === 1, 'an offer');
      // The voice that was offered goes; another one comes, and a picture that goes and comes.
      const [voice] = adas.connection.getSenders();
      if (voice) adas.connection.removeTrack(voice);
      await adas.negotiate();
      await cleos.send(made[2], made[1]);
      const [, transceiver] = cleos.connection.getTransceivers();
      for (const direction of ['inactive', 'sendonly'] as const) {
        if (transceiver) transceiver.direction = direction;
        await cleos.negotiate();
      }
      expect(receiver.offers).toHaveLength(1);
      release();
      await answered;
      await eventually(() => receiver.offers.at(-1)?.tracks.length === 2, 'an offer of both tracks');
      expect(receiver.offers).toHaveLength(2);
      const sent = cleos.tracks.map(({ producerId }) => producerId).sort();
      expect(receiver.offers[1]?.tracks.map(({ producerId }) => producerId).sort()).toEqual(sent);
      await receiver.expectMore('sound and frames of who came');
    } finally {
      for (const track of made) track.stop();
    }
  });

  test('is in one room with a client of the SDK’s library, and each receives the other', async () => {
    using ada = await SdpCaller.join(server, 'mixed', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'mixed', { identity: 'ben' });
    using receiver = new SdpReceiver(ada);
    await receiver.subscribe();
    using sender = new SdpSender(ada);
    const [tone, picture] = [createTone(), createPicture()];
    using peer = await createWrtcPeer({
      routerRtpCapabilities: ben.rtpCapabilities,
      createTransport: (direction, rtpCapabilities) =>
        ben.call('media.createTransport', { direction, ...(rtpCapabilities && { rtpCapabilities }) }),
      connectTransport: async (transportId, dtlsParameters) => {
        await ben.call('media.connectTransport', { transportId, dtlsParameters });
      },
      produce: (request) => ben.call('media.produce', request),
      consume: (request) => ben.call('media.consume', request),
      resumeConsumer: async (consumerId) => {
        await ben.call('media.resumeConsumer', { consumerId });
      },
    });
    try {
      await sender.send(tone, picture);
      await Promise.all([peer.send('microphone'), peer.send('camera')]);
      await receiver.expectMore('sound and frames of the library’s client');
      for (const { producerId } of sender.tracks) {
        const track = await peer.receive(producerId);
        await eventually(async () => (await track.stats()).packetsReceived > 10, 'packets of the other');
      }
    } finally {
      tone.stop();
      picture.stop();
    }
  });

  test('with libdatachannel publishes by its own offer, which another one receives', async () => {
    using ada = await SdpCaller.join(server, 'small', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'small', { identity: 'ben' });
    using receiver = new SdpReceiver(ben);
    await receiver.subscribe();
    using sender = new SoundSender();
    const { answer } = await ada.call('sdp.publish', { offer: await sender.offer });
    await sender.start(answer);
    await eventually(async () => (await receiver.flow()).packets > 20, 'packets');
  });
});

describe.skipIf(!(requireOrSkip('mediasoup') && requireOrSkip('browser')))('a page with no library of ours', () => {
  const workers = recordWorkers();
  let server: RunningServer;
  let page: SdpPage;
  beforeAll(async () => {
    server = await startServer({}, { log: workers.log });
    page = await openSdpPage();
  });
  afterAll(async () => {
    await page[Symbol.asyncDispose]();
    await server.close();
  });

  test('publishes layers, and another one plays them; the death of the worker is told to both', async () => {
    using ada = await SdpCaller.join(server, 'pages', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'pages', { identity: 'ben' });
    const published = await ada.call('sdp.publish', { offer: await page.publishLayers('ada') });
    expect(published.answer).toContain('a=simulcast:recv low;high');
    await page.take('ada', published.answer);

    const capabilities = await page.offer('abilities', ['audio recvonly', 'video recvonly']);
    const offered = await ben.call('sdp.subscribe', { capabilities, auto: true });
    const { sessionId, version } = offered;
    await ben.call('sdp.answer', { sessionId, version, answer: await page.answer('ben', offered.offer) });
    await eventually(async () => ((await page.received('ben'))['0'] ?? 0) > 10, 'frames');

    process.kill(workers.latestPid(), 'SIGKILL');
    for (const caller of [ada, ben]) {
      await eventually(() => caller.of('sdpClosed').find(({ reason }) => reason === 'reset'), 'the end of the session');
    }
    await page.take('again', (await ada.call('sdp.publish', { offer: await page.publishLayers('again') })).answer);
    const later = await ben.call('sdp.subscribe', { capabilities, auto: true });
    const answer = await page.answer('later', later.offer);
    await ben.call('sdp.answer', { sessionId: later.sessionId, version: later.version, answer });
    await eventually(async () => ((await page.received('later'))['0'] ?? 0) > 10, 'frames by the next worker');
  });
});
