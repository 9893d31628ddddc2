import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { callsOf, type RunningMedia, recordEvents, startMedia } from '../test/support/start-media.ts';
import { createWrtcPeer, type ReceivedTrack, type WrtcPeer } from '../test/support/wrtc-peer.ts';
import type { RoomMedia } from './media.ts';

/** libwebrtc shares two cores with whatever else runs here. */
const patience = { timeout: 15_000, interval: 100 };

describe.skipIf(!requireOrSkip('mediasoup'))('a call between two WebRTC clients', () => {
  let running: RunningMedia;
  let room: RoomMedia;
  const [adaId, benId] = [createPeerId(), createPeerId()];
  let ada: WrtcPeer;
  let ben: WrtcPeer;

  beforeEach(async () => {
    running = await startMedia();
    room = running.media.openRoom('standup');
    ada = await createWrtcPeer(callsOf(running.media, room, adaId));
    ben = await createWrtcPeer(callsOf(running.media, room, benId));
  });
  afterEach(async () => {
    ada.reset();
    ben.reset();
    await running[Symbol.asyncDispose]();
  });

  const packetsOf = async (track: ReceivedTrack) => (await track.stats()).packetsReceived;
  const expectToFlow = async (track: ReceivedTrack) => {
    const before = await packetsOf(track);
    await expect.poll(() => packetsOf(track), patience).toBeGreaterThan(before + 20);
  };
  /** Packets of a second poll equal those of the first, with time for a dozen between them. */
  const expectToStand = async (track: ReceivedTrack) => {
    let before = -1;
    await expect
      .poll(
        async () => {
          const now = await packetsOf(track);
          const stands = now === before;
          before = now;
          return stands;
        },
        { ...patience, interval: 250 },
      )
      .toBe(true);
  };

  test('sound and picture come through, are decoded, and are counted', async () => {
    const [microphone, camera] = [await ada.send('microphone'), await ada.send('camera')];
    const sound = await ben.receive(microphone.producerId);
    const picture = await ben.receive(camera.producerId);
    await expectToFlow(sound);
    await expect.poll(async () => (await sound.stats()).totalAudioEnergy, patience).toBeGreaterThan(0);
    await expect.poll(async () => (await picture.stats()).framesDecoded, patience).toBeGreaterThan(5);
    expect([ada.connectionState('send'), ben.connectionState('recv')]).toEqual(['connected', 'connected']);

    const stats = await running.media.stats();
    expect(stats).toMatchObject({ rooms: 1, transports: 2, producers: 2, consumers: 2 });
    expect(stats.receivedPackets).toBeGreaterThan(20);
    expect(stats.receivedBytes).toBeGreaterThan(stats.receivedPackets * 12);
    expect(stats.forwardedPackets).toBeGreaterThan(20);
    expect(stats.workers[0]!.cpuSeconds).toBeGreaterThan(0);
  });

  test('what a call carried is counted when it is over, though nobody asked meanwhile', async () => {
    const sound = await ben.receive((await ada.send('microphone')).producerId);
    await expectToFlow(sound);
    const received = await packetsOf(sound);
    for (const peerId of [adaId, benId]) room.removePeer(peerId);
    await expect.poll(async () => (await running.media.stats()).forwardedPackets).toBeGreaterThanOrEqual(received);
    expect((await running.media.stats()).receivedPackets).toBeGreaterThanOrEqual(received);
  });

  test('bound to any address a call finds its way as well', async () => {
    await using anywhere = await startMedia({ listenIp: '0.0.0.0' });
    const other = anywhere.media.openRoom('anywhere');
    using sender = await createWrtcPeer(callsOf(anywhere.media, other, adaId));
    using receiver = await createWrtcPeer(callsOf(anywhere.media, other, benId));
    await expectToFlow(await receiver.receive((await sender.send('microphone')).producerId));
  });

  test('PCMU is passed on with the payload type that phones use', async () => {
    const microphone = await ada.send('microphone', { codec: 'audio/PCMU' });
    const sound = await ben.receive(microphone.producerId);
    expect(sound.rtpParameters.codecs).toMatchObject([{ mimeType: 'audio/PCMU', payloadType: 0 }]);
    await expectToFlow(sound);
  });

  test('a muted track sends nothing until the mute is lifted, whatever its client sends', async () => {
    const microphone = await ada.send('microphone');
    const sound = await ben.receive(microphone.producerId);
    await expectToFlow(sound);
    await room.muteProducer(microphone.producerId, { muted: true, lock: true });
    await expectToStand(sound);
    await room.muteProducer(microphone.producerId, { muted: false, lock: false });
    await expectToFlow(sound);
  });

  test('a picture that is consumed in the middle of a stream gets the key frame that it needs', async () => {
    const camera = await ada.send('camera');
    const first = await ben.receive(camera.producerId);
    await expect.poll(async () => (await first.stats()).framesDecoded, patience).toBeGreaterThan(5);
    // Only a key frame can be decoded without the frames before, and a camera sends none by itself.
    const second = await ben.receive(camera.producerId);
    await expect.poll(async () => (await second.stats()).framesDecoded, patience).toBeGreaterThan(5);
  });

  test('who speaks is told, and that nobody does any more', async () => {
    const events = recordEvents(room);
    const speakers = () => events.flatMap((event) => (event.name === 'activeSpeakerChanged' ? [event.peerId] : []));
    await ben.send('microphone', { level: 0 });
    const voice = await ada.send('microphone');
    await expect.poll(speakers, patience).toEqual([adaId]);
    await room.pauseProducer(adaId, voice.producerId);
    await expect.poll(speakers, patience).toEqual([adaId, undefined]);
    await room.resumeProducer(adaId, voice.producerId);
    await expect.poll(speakers, patience).toEqual([adaId, undefined, adaId]);
    room.closeProducer(adaId, voice.producerId);
    expect(speakers()).toEqual([adaId, undefined, adaId, undefined]);
  });

  test('a client that closes its connection: its transport is told of, then what ends with it', async () => {
    const microphone = await ada.send('microphone');
    const sound = await ben.receive(microphone.producerId);
    await expectToFlow(sound);
    const events = recordEvents(room);
    ada.reset();
    await expect.poll(() => events.map(({ name }) => name), patience).toContain('transportClosed');
    expect(events.filter(({ name }) => name !== 'activeSpeakerChanged')).toMatchObject([
      { name: 'transportClosed', peerId: adaId },
      { name: 'producerClosed', peerId: adaId, producerId: microphone.producerId },
      { name: 'consumerClosed', peerId: benId, consumerId: sound.consumerId, reason: 'ended' },
    ]);
    await expect.poll(running.countInWorkers).toEqual({ transports: 1, producers: 0, consumers: 0 });
  });

  test('a worker that is killed: the clients make everything anew and hear each other again', async () => {
    const sound = await ben.receive((await ada.send('microphone')).producerId);
    await expectToFlow(sound);
    const events = recordEvents(room);
    process.kill((await running.media.stats()).workers[0]!.pid, 'SIGKILL');
    await expect.poll(() => events.at(-1), patience).toMatchObject({ name: 'reset', epoch: 2 });

    for (const peer of [ada, ben]) peer.reset();
    await expectToFlow(await ben.receive((await ada.send('microphone')).producerId));
    await expectToFlow(await ada.receive((await ben.send('microphone')).producerId));
    expect(room.epoch).toBe(2);
  });
});
