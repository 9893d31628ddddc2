import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { camera, microphone, receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { opusOnly } from '../test/support/rtp-parameters.ts';
import { type RunningMedia, recordEvents, startMedia } from '../test/support/start-media.ts';
import type { Media, RoomMedia } from './media.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('consumers of a room', () => {
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

  test('consume() answers with what the client needs to receive it', async () => {
    const { producerId } = await room.produce(ada, { ...camera(await sendTransport(room, ada)), paused: true });
    const consumed = await room.consume(ben, {
      transportId: await receiveTransport(room, ben, media.rtpCapabilities),
      producerId,
    });
    expect(consumed).toMatchObject({ producerId, kind: 'video', producerPaused: true });
    expect(consumed.rtpParameters.codecs.map(({ mimeType }) => mimeType)).toEqual(['video/VP8', 'video/rtx']);
    expect(consumed.rtpParameters.encodings).toHaveLength(1);
  });

  test('consume() of what the peer itself produces fails with PRODUCER_NOT_FOUND', async () => {
    const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
    await expect(
      room.consume(ada, { transportId: await receiveTransport(room, ada, media.rtpCapabilities), producerId }),
    ).rejects.toMatchObject({
      reason: 'PRODUCER_NOT_FOUND',
    });
  });

  test('consume() with a client that lacks the codec fails with CANNOT_CONSUME', async () => {
    const { producerId } = await room.produce(ada, camera(await sendTransport(room, ada)));
    const transportId = await receiveTransport(room, ben, opusOnly);
    await expect(room.consume(ben, { transportId, producerId })).rejects.toMatchObject({ reason: 'CANNOT_CONSUME' });
  });

  test('consume() through a transport to send fails with TRANSPORT_WRONG_DIRECTION', async () => {
    const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
    await expect(room.consume(ben, { transportId: await sendTransport(room, ben), producerId })).rejects.toMatchObject({
      reason: 'TRANSPORT_WRONG_DIRECTION',
    });
  });

  test('closeConsumer() tells nobody', async () => {
    const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
    const { consumerId } = await room.consume(ben, {
      transportId: await receiveTransport(room, ben, media.rtpCapabilities),
      producerId,
    });
    const events = recordEvents(room);
    room.closeConsumer(ben, consumerId);
    expect(events).toEqual([]);
    await expect.poll(running.countInWorkers).toMatchObject({ producers: 1, consumers: 0 });
    expect(() => room.closeConsumer(ben, consumerId)).toThrow(
      expect.objectContaining({ reason: 'CONSUMER_NOT_FOUND' }),
    );
  });

  test('setPreferredLayers() beyond what there is takes the highest', async () => {
    const { producerId } = await room.produce(ada, camera(await sendTransport(room, ada), 3));
    const { consumerId, rtpParameters } = await room.consume(ben, {
      transportId: await receiveTransport(room, ben, media.rtpCapabilities),
      producerId,
    });
    expect(rtpParameters.encodings[0]?.scalabilityMode).toBe('L3T3');
    await room.setPreferredLayers(ben, consumerId, { spatialLayer: 7, temporalLayer: undefined });
    await room.setPreferredLayers(ben, consumerId, { spatialLayer: 0, temporalLayer: 7 });
  });

  test('consume() at the limit fails with TOO_MANY_MEDIA_OBJECTS, and closing one makes room', async () => {
    const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
    const transportId = await receiveTransport(room, ben, media.rtpCapabilities);
    const consumers = await Promise.all(
      Array.from({ length: 50 }, () => room.consume(ben, { transportId, producerId })),
    );
    await expect(room.consume(ben, { transportId, producerId })).rejects.toMatchObject({
      reason: 'TOO_MANY_MEDIA_OBJECTS',
      details: { limit: 50, what: 'consumers' },
    });
    room.closeConsumer(ben, consumers[0]!.consumerId);
    await room.consume(ben, { transportId, producerId });
  });
});
