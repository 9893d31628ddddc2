import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { camera, microphone, receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { type RunningMedia, recordEvents, startMedia } from '../test/support/start-media.ts';
import type { Media, ProduceRequest, RoomMedia } from './media.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('producers of a room', () => {
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

  test('produce() answers with the producer and tells of it', async () => {
    const events = recordEvents(room);
    const producer = await room.produce(ada, microphone(await sendTransport(room, ada)));
    expect(producer).toMatchObject({
      kind: 'audio',
      source: 'microphone',
      paused: false,
      muted: false,
      locked: false,
    });
    expect(events).toEqual([{ name: 'producerAdded', peerId: ada, producer }]);
    expect(room.producersOf(ada)).toEqual([producer]);
    expect(room.producersOf(ben)).toEqual([]);
  });

  test('produce() through a transport to receive fails with TRANSPORT_WRONG_DIRECTION', async () => {
    await expect(
      room.produce(ada, microphone(await receiveTransport(room, ada, media.rtpCapabilities))),
    ).rejects.toMatchObject({
      reason: 'TRANSPORT_WRONG_DIRECTION',
    });
  });

  test('produce() of a picture as a microphone is refused, for grants go by the source', async () => {
    const request: ProduceRequest = { ...camera(await sendTransport(room, ada)), source: 'microphone' };
    await expect(room.produce(ada, request)).rejects.toMatchObject({
      reason: 'RTP_PARAMETERS_REFUSED',
      message: 'The RTP parameters were refused: a microphone is not video.',
    });
  });

  test('produce() with a codec that no router has is refused with its name', async () => {
    const request = microphone(await sendTransport(room, ada));
    request.rtpParameters.codecs[0]!.mimeType = 'audio/SPEEX';
    await expect(room.produce(ada, request)).rejects.toMatchObject({
      reason: 'RTP_PARAMETERS_REFUSED',
      message: expect.stringContaining('audio/SPEEX'),
    });
  });

  test('produce() with an SSRC that is taken is refused by the worker', async () => {
    const transportId = await sendTransport(room, ada);
    const first = microphone(transportId);
    await room.produce(ada, first);
    const second: ProduceRequest = { ...first, source: 'screen-audio' };
    await expect(room.produce(ada, second)).rejects.toMatchObject({
      reason: 'RTP_PARAMETERS_REFUSED',
      message: expect.stringMatching(/ssrc already exists/i),
    });
  });

  test('produce() of a source again closes the producer before', async () => {
    const events = recordEvents(room);
    const transportId = await sendTransport(room, ada);
    const request = microphone(transportId);
    const first = await room.produce(ada, request);
    const second = await room.produce(ada, request);
    expect(room.producersOf(ada)).toEqual([second]);
    expect(events.map(({ name }) => name)).toEqual(['producerAdded', 'producerClosed', 'producerAdded']);
    expect(events[1]).toMatchObject({ producerId: first.producerId });
  });

  test('produce() in the place of a producer leaves that one until its owner closes it, and ends any other of the source', async () => {
    const events = recordEvents(room);
    const transportId = await sendTransport(room, ada);
    const first = await room.produce(ada, microphone(transportId));
    const second = await room.produce(ada, { ...microphone(transportId), replaces: first.producerId });
    expect(room.producersOf(ada)).toEqual([first, second]);
    expect(events.at(-1)).toMatchObject({ name: 'producerAdded', replaces: first.producerId });
    const third = await room.produce(ada, { ...microphone(transportId), replaces: second.producerId });
    expect(room.producersOf(ada)).toEqual([second, third]);
    room.closeProducer(ada, second.producerId);
    expect(room.producersOf(ada)).toEqual([third]);
  });

  test('produce() in the place of a producer that is of another source, or not there, says nothing of it', async () => {
    const events = recordEvents(room);
    const transportId = await sendTransport(room, ada);
    const first = await room.produce(ada, microphone(transportId));
    const screen = { ...microphone(transportId), source: 'screen-audio' as const };
    await room.produce(ada, { ...screen, replaces: first.producerId });
    await room.produce(ada, { ...microphone(transportId), replaces: 'gone' });
    expect(events.flatMap((event) => ('replaces' in event && event.replaces ? [event.replaces] : []))).toEqual([]);
    expect(room.producersOf(ada).map(({ source }) => source)).toEqual(['screen-audio', 'microphone']);
  });

  test('a replacement that is refused leaves the producer before as it is', async () => {
    const transportId = await sendTransport(room, ada);
    const sound = microphone(transportId);
    await room.produce(ada, sound);
    const screenAudio = await room.produce(ada, { ...microphone(transportId), source: 'screen-audio' });
    await expect(room.produce(ada, { ...sound, source: 'screen-audio' })).rejects.toMatchObject({
      reason: 'RTP_PARAMETERS_REFUSED',
    });
    expect(room.producersOf(ada)).toContainEqual(screenAudio);
  });

  test('produce() that is refused leaves the producer of its source alone', async () => {
    const transportId = await sendTransport(room, ada);
    const running = await room.produce(ada, microphone(transportId));
    const refused = microphone(transportId);
    refused.rtpParameters.codecs[0]!.clockRate = 16_000;
    await expect(room.produce(ada, refused)).rejects.toMatchObject({ reason: 'RTP_PARAMETERS_REFUSED' });
    expect(room.producersOf(ada)).toEqual([running]);
  });

  test('two produce() calls of a source at once leave one producer', async () => {
    const transportId = await sendTransport(room, ada);
    await Promise.all([room.produce(ada, microphone(transportId)), room.produce(ada, microphone(transportId))]);
    expect(room.producersOf(ada)).toHaveLength(1);
    await expect.poll(running.countInWorkers).toMatchObject({ producers: 1 });
  });

  test('a producer that is paused and resumed says so, once each', async () => {
    const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
    const events = recordEvents(room);
    await room.pauseProducer(ada, producerId);
    await room.pauseProducer(ada, producerId);
    await room.resumeProducer(ada, producerId);
    expect(events).toMatchObject([
      { name: 'producerChanged', peerId: ada, producer: { producerId, paused: true, muted: false } },
      { name: 'producerChanged', peerId: ada, producer: { producerId, paused: false } },
    ]);
  });

  test('closeProducer() tells of the producer, then of its consumers', async () => {
    const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
    const { consumerId } = await room.consume(ben, {
      transportId: await receiveTransport(room, ben, media.rtpCapabilities),
      producerId,
    });
    const events = recordEvents(room);
    room.closeProducer(ada, producerId);
    expect(events).toEqual([
      { name: 'producerClosed', peerId: ada, producerId },
      { name: 'consumerClosed', peerId: ben, consumerId, reason: 'ended' },
    ]);
    await expect.poll(running.countInWorkers).toMatchObject({ producers: 0, consumers: 0 });
  });

  describe('moderation', () => {
    test('a mute pauses the producer, and its owner may end it', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
      const events = recordEvents(room);
      await room.muteProducer(producerId, { muted: true, lock: false });
      await room.resumeProducer(ada, producerId);
      expect(events).toMatchObject([
        { name: 'producerChanged', producer: { paused: true, muted: true, locked: false } },
        { name: 'producerChanged', producer: { paused: false, muted: false, locked: false } },
      ]);
    });

    test('a lock keeps its owner from resuming until a moderator ends it', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
      await room.muteProducer(producerId, { muted: true, lock: true });
      await expect(room.resumeProducer(ada, producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
      await room.muteProducer(producerId, { muted: false, lock: false });
      expect(room.producersOf(ada)).toMatchObject([{ paused: false, muted: false, locked: false }]);
    });

    test('unmuting leaves a producer paused that its owner paused', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
      await room.muteProducer(producerId, { muted: true, lock: true });
      await room.pauseProducer(ada, producerId);
      await room.muteProducer(producerId, { muted: false, lock: false });
      expect(room.producersOf(ada)).toMatchObject([{ paused: true, muted: false }]);
    });

    test('a lock holds for the next producer of its source and for no other source', async () => {
      const transportId = await sendTransport(room, ada);
      const { producerId } = await room.produce(ada, microphone(transportId));
      await room.muteProducer(producerId, { muted: true, lock: true });
      room.closeProducer(ada, producerId);
      const again = await room.produce(ada, microphone(transportId));
      expect(again).toMatchObject({ paused: true, muted: true, locked: true });
      await expect(room.resumeProducer(ada, again.producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
      expect(await room.produce(ada, camera(transportId))).toMatchObject({ paused: false, muted: false });
    });

    test('a lock that comes while produce() is under way holds', async () => {
      const transportId = await sendTransport(room, ada);
      // The first of two that are under way is locked as soon as it is there; the second takes its place.
      let locking: Promise<void> | undefined;
      room.events.once('producerAdded', ({ producer }) => {
        locking = room.muteProducer(producer.producerId, { muted: true, lock: true });
      });
      await Promise.all([room.produce(ada, microphone(transportId)), room.produce(ada, microphone(transportId))]);
      await locking;
      const [producer, ...others] = room.producersOf(ada);
      expect(others).toEqual([]);
      expect(producer).toMatchObject({ paused: true, muted: true, locked: true });
      expect(await running.isPausedInWorker(producer!.producerId)).toBe(true);
    });

    test('however mutes and resumes cross each other, the worker does what was decided last', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
      const decisions = [
        room.muteProducer(producerId, { muted: true, lock: false }),
        room.resumeProducer(ada, producerId),
        room.pauseProducer(ada, producerId),
        room.resumeProducer(ada, producerId),
        room.muteProducer(producerId, { muted: true, lock: true }),
      ];
      await expect(room.resumeProducer(ada, producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
      await Promise.all(decisions);
      expect(await running.isPausedInWorker(producerId)).toBe(true);
      expect(room.producersOf(ada)).toMatchObject([{ paused: true, locked: true }]);
    });

    test('a mute ends with its peer, and a lock holds for the next peer of its owner', async () => {
      for (const lock of [false, true]) {
        const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada)));
        await room.muteProducer(producerId, { muted: true, lock });
        room.removePeer(ada);
        ada = createPeerId();
        const again = await room.produce(ada, microphone(await sendTransport(room, ada)));
        expect(again).toMatchObject({ muted: lock, locked: lock });
        expect(await running.isPausedInWorker(again.producerId)).toBe(lock);
      }
    });

    test('a lock holds for every peer of its owner and every sound at once, and for nobody else', async () => {
      const transportId = await sendTransport(room, ada);
      const { producerId } = await room.produce(ada, microphone(transportId, 'ada'));
      await room.produce(ada, { ...microphone(transportId, 'ada'), source: 'screen-audio' });
      const laptop = createPeerId();
      const sound = await room.produce(laptop, microphone(await sendTransport(room, laptop), 'ada'));
      const other = await room.produce(ben, microphone(await sendTransport(room, ben), 'ben'));
      await room.muteProducer(producerId, { muted: true, lock: true });
      expect(room.producersOf(ada)).toMatchObject([{ locked: true }, { source: 'screen-audio', locked: true }]);
      expect(room.producersOf(laptop)).toMatchObject([{ paused: true, locked: true }]);
      expect(room.producersOf(ben)).toEqual([other]);
      expect(await running.isPausedInWorker(sound.producerId)).toBe(true);
      await expect(room.resumeProducer(laptop, sound.producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });

      await room.muteProducer(sound.producerId, { muted: false, lock: false });
      expect(room.producersOf(ada)).toMatchObject([{ muted: false }, { muted: false }]);
      expect(await running.isPausedInWorker(producerId)).toBe(false);
    });

    test('a lock that becomes a mute may be ended by each peer for itself', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(room, ada), 'ada'));
      const laptop = createPeerId();
      const sound = await room.produce(laptop, microphone(await sendTransport(room, laptop), 'ada'));
      await room.muteProducer(producerId, { muted: true, lock: true });
      await room.muteProducer(producerId, { muted: true, lock: false });
      await room.resumeProducer(laptop, sound.producerId);
      expect(room.producersOf(laptop)).toMatchObject([{ paused: false, muted: false, locked: false }]);
      expect(room.producersOf(ada)).toMatchObject([{ paused: true, muted: true, locked: false }]);
    });
  });
});
