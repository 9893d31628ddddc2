import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { camera, microphone, receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { fingerprint } from '../test/support/rtp-parameters.ts';
import { type RunningMedia, recordEvents, startMedia } from '../test/support/start-media.ts';
import type { Media, RoomMedia } from './media.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('the media of a room', () => {
  let running: RunningMedia;
  let media: Media;
  let room: RoomMedia;
  let ada: PeerId;
  let ben: PeerId;

  beforeAll(async () => {
    running = await startMedia();
    media = running.media;
  });
  afterAll(() => running[Symbol.asyncDispose]());
  beforeEach(() => {
    room = media.openRoom('standup');
    ada = createPeerId();
    ben = createPeerId();
    return () => room.close();
  });

  test('another peer’s ids are not found, as if they were nobody’s', async () => {
    const transportId = await sendTransport(room, ada);
    const { producerId } = await room.produce(ada, microphone(transportId));
    const receiving = await receiveTransport(room, ben, media.rtpCapabilities);
    const { consumerId } = await room.consume(ben, { transportId: receiving, producerId });
    const dtls = { role: 'client' as const, fingerprints: [{ algorithm: 'sha-256' as const, value: fingerprint }] };

    for (const [eve, transport, producer, consumer] of [
      [createPeerId(), transportId, producerId, consumerId],
      [ben, transportId, producerId, 'nobody’s'],
      [ada, receiving, 'nobody’s', consumerId],
    ] as const) {
      const layers = { spatialLayer: 0, temporalLayer: undefined };
      await expect(room.connectTransport(eve, transport, dtls)).rejects.toMatchObject({
        reason: 'TRANSPORT_NOT_FOUND',
      });
      await expect(room.restartIce(eve, transport)).rejects.toMatchObject({ reason: 'TRANSPORT_NOT_FOUND' });
      await expect(room.produce(eve, microphone(transport))).rejects.toMatchObject({ reason: 'TRANSPORT_NOT_FOUND' });
      await expect(room.consume(eve, { transportId: transport, producerId })).rejects.toMatchObject({
        reason: 'TRANSPORT_NOT_FOUND',
      });
      await expect(room.pauseProducer(eve, producer)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
      await expect(room.resumeProducer(eve, producer)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
      expect(() => room.closeProducer(eve, producer)).toThrow(
        expect.objectContaining({ reason: 'PRODUCER_NOT_FOUND' }),
      );
      await expect(room.pauseConsumer(eve, consumer)).rejects.toMatchObject({ reason: 'CONSUMER_NOT_FOUND' });
      await expect(room.resumeConsumer(eve, consumer)).rejects.toMatchObject({ reason: 'CONSUMER_NOT_FOUND' });
      await expect(room.setPreferredLayers(eve, consumer, layers)).rejects.toMatchObject({
        reason: 'CONSUMER_NOT_FOUND',
      });
      expect(() => room.closeConsumer(eve, consumer)).toThrow(
        expect.objectContaining({ reason: 'CONSUMER_NOT_FOUND' }),
      );
    }
    await expect(room.muteProducer('nobody’s', { muted: true, lock: true })).rejects.toMatchObject({
      reason: 'PRODUCER_NOT_FOUND',
    });
    const elsewhere = media.openRoom('elsewhere');
    await expect(elsewhere.muteProducer(producerId, { muted: true, lock: false })).rejects.toMatchObject({
      reason: 'PRODUCER_NOT_FOUND',
    });
    elsewhere.close();
    expect(room.producersOf(ada)).toMatchObject([{ producerId, paused: false }]);
  });

  test('removePeer() ends the consumers of others, and says nothing of what the peer had', async () => {
    const transportId = await sendTransport(room, ada);
    const sound = await room.produce(ada, microphone(transportId));
    const bens = await room.produce(ben, microphone(await sendTransport(room, ben)));
    const { consumerId } = await room.consume(ben, {
      transportId: await receiveTransport(room, ben, media.rtpCapabilities),
      producerId: sound.producerId,
    });
    await room.consume(ada, {
      transportId: await receiveTransport(room, ada, media.rtpCapabilities),
      producerId: bens.producerId,
    });
    const events = recordEvents(room);
    room.removePeer(ada);
    room.removePeer(ada);
    expect(events).toEqual([{ name: 'consumerClosed', peerId: ben, consumerId, reason: 'ended' }]);
    await expect.poll(running.countInWorkers).toEqual({ transports: 2, producers: 1, consumers: 0 });
  });

  describe('what goes away while the worker is asked', () => {
    test('a peer that leaves: its calls fail with NOT_IN_ROOM and nothing stays in the worker', async () => {
      const transportId = await sendTransport(room, ada);
      const receiving = await receiveTransport(room, ada, media.rtpCapabilities);
      const { producerId } = await room.produce(ben, microphone(await sendTransport(room, ben)));
      const events = recordEvents(room);
      const calls = [
        sendTransport(room, ada),
        room.produce(ada, camera(transportId)),
        room.consume(ada, { transportId: receiving, producerId }),
      ];
      room.removePeer(ada);
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'NOT_IN_ROOM' } });
      }
      expect(events).toEqual([]);
      await expect.poll(running.countInWorkers).toEqual({ transports: 1, producers: 1, consumers: 0 });
      expect(await media.stats()).toMatchObject({ transports: 1, producers: 1, consumers: 0 });
    });

    test('a peer that leaves during its very first call leaves a room behind that works', async () => {
      const creating = sendTransport(room, ada);
      room.removePeer(ada);
      await expect(creating).rejects.toMatchObject({ reason: 'NOT_IN_ROOM' });
      await room.produce(ben, microphone(await sendTransport(room, ben)));
      await expect.poll(running.countInWorkers).toMatchObject({ transports: 1, producers: 1 });
    });

    test('a producer that is closed: consume() fails with PRODUCER_NOT_FOUND', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
      const consuming = room.consume(ben, {
        transportId: await receiveTransport(room, ben, media.rtpCapabilities),
        producerId,
      });
      room.closeProducer(ada, producerId);
      await expect(consuming).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
      await expect.poll(running.countInWorkers).toMatchObject({ producers: 0, consumers: 0 });
    });

    test('a consumer that is closed: resumeConsumer() fails with CONSUMER_NOT_FOUND', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
      const { consumerId } = await room.consume(ben, {
        transportId: await receiveTransport(room, ben, media.rtpCapabilities),
        producerId,
      });
      room.closeProducer(ada, producerId);
      await expect(room.resumeConsumer(ben, consumerId)).rejects.toMatchObject({ reason: 'CONSUMER_NOT_FOUND' });
    });

    test('the room itself: calls fail with MEDIA_UNAVAILABLE, and its router goes', async () => {
      const creating = [sendTransport(room, ada), sendTransport(room, ben)];
      room.close();
      for (const result of await Promise.allSettled(creating)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'MEDIA_UNAVAILABLE' } });
      }
      await expect(sendTransport(room, ada)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
      await expect.poll(async () => (await media.stats()).workers).toMatchObject([{ routers: 0 }]);
    });
  });

  test('a room costs no router until its first transport, and many first calls share one', async () => {
    expect(await media.stats()).toMatchObject({ rooms: 1, workers: [{ routers: 0 }] });
    await Promise.all([sendTransport(room, ada), sendTransport(room, ada), sendTransport(room, ben)]);
    expect(await media.stats()).toMatchObject({ rooms: 1, transports: 3, workers: [{ routers: 1 }] });
  });
});
