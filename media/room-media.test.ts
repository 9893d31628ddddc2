import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { fingerprint, opusOnly, opusParameters, vp8Parameters } from '../test/support/rtp-parameters.ts';
import { type RunningMedia, recordEvents, startMedia } from '../test/support/start-media.ts';
import type { Media, ProduceRequest, RoomMedia } from './media.ts';

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

  const sendTransport = async (peerId: PeerId) =>
    (await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined })).transportId;
  const receiveTransport = async (peerId: PeerId, rtpCapabilities = media.rtpCapabilities) =>
    (await room.createTransport(peerId, { direction: 'recv', rtpCapabilities })).transportId;
  const microphone = (transportId: string): ProduceRequest => ({
    transportId,
    kind: 'audio',
    source: 'microphone',
    rtpParameters: opusParameters(),
    paused: false,
  });
  const camera = (transportId: string, layers = 1): ProduceRequest => ({
    transportId,
    kind: 'video',
    source: 'camera',
    rtpParameters: vp8Parameters({ layers }),
    paused: false,
  });

  describe('transports', () => {
    test('createTransport() tells where to send: UDP before TCP, on the announced address', async () => {
      const made = await room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined });
      expect(made.iceParameters.iceLite).toBe(true);
      expect(made.iceCandidates.map(({ address, protocol, type }) => [address, protocol, type])).toEqual([
        ['127.0.0.1', 'udp', 'host'],
        ['127.0.0.1', 'tcp', 'host'],
      ]);
      const [udp, tcp] = made.iceCandidates;
      expect(udp!.priority).toBeGreaterThan(tcp!.priority);
      expect(made.dtlsParameters.role).toBe('auto');
      expect(made.dtlsParameters.fingerprints.map(({ algorithm }) => algorithm)).toContain('sha-256');
    });

    test('createTransport() to receive without capabilities fails with BAD_REQUEST', async () => {
      await expect(room.createTransport(ada, { direction: 'recv', rtpCapabilities: undefined })).rejects.toMatchObject({
        reason: 'BAD_REQUEST',
        details: { field: 'rtpCapabilities' },
      });
    });

    test('createTransport() beyond the limit fails with TOO_MANY_MEDIA_OBJECTS, the ones under way included', async () => {
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => sendTransport(ada)));
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused.map(({ reason }) => reason)).toMatchObject([
        { reason: 'TOO_MANY_MEDIA_OBJECTS', details: { limit: 4, what: 'transports' } },
        { reason: 'TOO_MANY_MEDIA_OBJECTS' },
      ]);
      await expect(sendTransport(ben)).resolves.toBeTypeOf('string');
    });

    test('connectTransport() a second time fails with TRANSPORT_ALREADY_CONNECTED, even at once', async () => {
      const transportId = await sendTransport(ada);
      const parameters = {
        role: 'client' as const,
        fingerprints: [{ algorithm: 'sha-256' as const, value: fingerprint }],
      };
      const [first, second] = await Promise.allSettled([
        room.connectTransport(ada, transportId, parameters),
        room.connectTransport(ada, transportId, parameters),
      ]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({ status: 'rejected', reason: { reason: 'TRANSPORT_ALREADY_CONNECTED' } });
    });

    test('connectTransport() with parameters that are refused can be tried again', async () => {
      const transportId = await sendTransport(ada);
      await expect(
        room.connectTransport(ada, transportId, {
          role: 'client',
          fingerprints: [{ algorithm: 'sha-512', value: fingerprint }],
        }),
      ).rejects.toMatchObject({ reason: 'DTLS_PARAMETERS_REFUSED' });
      await room.connectTransport(ada, transportId, {
        role: 'client',
        fingerprints: [{ algorithm: 'sha-256', value: fingerprint.toLowerCase() }],
      });
    });

    test('restartIce() answers with other credentials', async () => {
      const made = await room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined });
      const restarted = await room.restartIce(ada, made.transportId);
      expect(restarted.iceLite).toBe(true);
      expect(restarted.usernameFragment).not.toBe(made.iceParameters.usernameFragment);
      expect(restarted.password).not.toBe(made.iceParameters.password);
    });
  });

  describe('producers', () => {
    test('produce() answers with the producer and tells of it', async () => {
      const events = recordEvents(room);
      const producer = await room.produce(ada, microphone(await sendTransport(ada)));
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
      await expect(room.produce(ada, microphone(await receiveTransport(ada)))).rejects.toMatchObject({
        reason: 'TRANSPORT_WRONG_DIRECTION',
      });
    });

    test('produce() of a picture as a microphone is refused, for grants go by the source', async () => {
      const request: ProduceRequest = { ...camera(await sendTransport(ada)), source: 'microphone' };
      await expect(room.produce(ada, request)).rejects.toMatchObject({
        reason: 'RTP_PARAMETERS_REFUSED',
        message: 'The RTP parameters were refused: a microphone is not video.',
      });
    });

    test('produce() with a codec that no router has is refused with its name', async () => {
      const request = microphone(await sendTransport(ada));
      request.rtpParameters.codecs[0]!.mimeType = 'audio/SPEEX';
      await expect(room.produce(ada, request)).rejects.toMatchObject({
        reason: 'RTP_PARAMETERS_REFUSED',
        message: expect.stringContaining('audio/SPEEX'),
      });
    });

    test('produce() with an SSRC that is taken is refused by the worker', async () => {
      const transportId = await sendTransport(ada);
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
      const transportId = await sendTransport(ada);
      const request = microphone(transportId);
      const first = await room.produce(ada, request);
      const second = await room.produce(ada, request);
      expect(room.producersOf(ada)).toEqual([second]);
      expect(events.map(({ name }) => name)).toEqual(['producerAdded', 'producerClosed', 'producerAdded']);
      expect(events[1]).toMatchObject({ producerId: first.producerId });
    });

    test('two produce() calls of a source at once leave one producer', async () => {
      const transportId = await sendTransport(ada);
      await Promise.all([room.produce(ada, microphone(transportId)), room.produce(ada, microphone(transportId))]);
      expect(room.producersOf(ada)).toHaveLength(1);
      await expect.poll(running.countInWorkers).toMatchObject({ producers: 1 });
    });

    test('a producer that is paused and resumed says so, once each', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
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
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      const { consumerId } = await room.consume(ben, { transportId: await receiveTransport(ben), producerId });
      const events = recordEvents(room);
      room.closeProducer(ada, producerId);
      expect(events).toEqual([
        { name: 'producerClosed', peerId: ada, producerId },
        { name: 'consumerClosed', peerId: ben, consumerId },
      ]);
      await expect.poll(running.countInWorkers).toMatchObject({ producers: 0, consumers: 0 });
    });
  });

  describe('moderation', () => {
    test('a mute pauses the producer, and its owner may end it', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      const events = recordEvents(room);
      await room.muteProducer(producerId, { muted: true, lock: false });
      await room.resumeProducer(ada, producerId);
      expect(events).toMatchObject([
        { name: 'producerChanged', producer: { paused: true, muted: true, locked: false } },
        { name: 'producerChanged', producer: { paused: false, muted: false, locked: false } },
      ]);
    });

    test('a lock keeps its owner from resuming until a moderator ends it', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      await room.muteProducer(producerId, { muted: true, lock: true });
      await expect(room.resumeProducer(ada, producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
      await room.muteProducer(producerId, { muted: false, lock: false });
      expect(room.producersOf(ada)).toMatchObject([{ paused: false, muted: false, locked: false }]);
    });

    test('unmuting leaves a producer paused that its owner paused', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      await room.muteProducer(producerId, { muted: true, lock: true });
      await room.pauseProducer(ada, producerId);
      await room.muteProducer(producerId, { muted: false, lock: false });
      expect(room.producersOf(ada)).toMatchObject([{ paused: true, muted: false }]);
    });

    test('a lock holds for the next producer of its source and for no other source', async () => {
      const transportId = await sendTransport(ada);
      const { producerId } = await room.produce(ada, microphone(transportId));
      await room.muteProducer(producerId, { muted: true, lock: true });
      room.closeProducer(ada, producerId);
      const again = await room.produce(ada, microphone(transportId));
      expect(again).toMatchObject({ paused: true, muted: true, locked: true });
      await expect(room.resumeProducer(ada, again.producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
      expect(await room.produce(ada, camera(transportId))).toMatchObject({ paused: false, muted: false });
    });

    test('a lock that comes while produce() is under way holds', async () => {
      const transportId = await sendTransport(ada);
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
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
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

    test('a peer that leaves and comes back is not muted any more', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      await room.muteProducer(producerId, { muted: true, lock: true });
      room.removePeer(ada);
      expect(await room.produce(ada, microphone(await sendTransport(ada)))).toMatchObject({ muted: false });
    });
  });

  describe('consumers', () => {
    test('consume() answers with what the client needs to receive it', async () => {
      const { producerId } = await room.produce(ada, { ...camera(await sendTransport(ada)), paused: true });
      const consumed = await room.consume(ben, { transportId: await receiveTransport(ben), producerId });
      expect(consumed).toMatchObject({ producerId, kind: 'video', producerPaused: true });
      expect(consumed.rtpParameters.codecs.map(({ mimeType }) => mimeType)).toEqual(['video/VP8', 'video/rtx']);
      expect(consumed.rtpParameters.encodings).toHaveLength(1);
    });

    test('consume() of what the peer itself produces fails with PRODUCER_NOT_FOUND', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      await expect(room.consume(ada, { transportId: await receiveTransport(ada), producerId })).rejects.toMatchObject({
        reason: 'PRODUCER_NOT_FOUND',
      });
    });

    test('consume() with a client that lacks the codec fails with CANNOT_CONSUME', async () => {
      const { producerId } = await room.produce(ada, camera(await sendTransport(ada)));
      const transportId = await receiveTransport(ben, opusOnly);
      await expect(room.consume(ben, { transportId, producerId })).rejects.toMatchObject({ reason: 'CANNOT_CONSUME' });
    });

    test('consume() through a transport to send fails with TRANSPORT_WRONG_DIRECTION', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      await expect(room.consume(ben, { transportId: await sendTransport(ben), producerId })).rejects.toMatchObject({
        reason: 'TRANSPORT_WRONG_DIRECTION',
      });
    });

    test('closeConsumer() tells nobody', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      const { consumerId } = await room.consume(ben, { transportId: await receiveTransport(ben), producerId });
      const events = recordEvents(room);
      room.closeConsumer(ben, consumerId);
      expect(events).toEqual([]);
      await expect.poll(running.countInWorkers).toMatchObject({ producers: 1, consumers: 0 });
      expect(() => room.closeConsumer(ben, consumerId)).toThrow(
        expect.objectContaining({ reason: 'CONSUMER_NOT_FOUND' }),
      );
    });

    test('setPreferredLayers() beyond what there is takes the highest', async () => {
      const { producerId } = await room.produce(ada, camera(await sendTransport(ada), 3));
      const { consumerId, rtpParameters } = await room.consume(ben, {
        transportId: await receiveTransport(ben),
        producerId,
      });
      expect(rtpParameters.encodings[0]?.scalabilityMode).toBe('L3T3');
      await room.setPreferredLayers(ben, consumerId, { spatialLayer: 7, temporalLayer: undefined });
      await room.setPreferredLayers(ben, consumerId, { spatialLayer: 0, temporalLayer: 7 });
    });

    test('consume() at the limit fails with TOO_MANY_MEDIA_OBJECTS, and closing one makes room', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      const transportId = await receiveTransport(ben);
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

  test('another peer’s ids are not found, as if they were nobody’s', async () => {
    const transportId = await sendTransport(ada);
    const { producerId } = await room.produce(ada, microphone(transportId));
    const receiving = await receiveTransport(ben);
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
    const transportId = await sendTransport(ada);
    const sound = await room.produce(ada, microphone(transportId));
    const bens = await room.produce(ben, microphone(await sendTransport(ben)));
    const { consumerId } = await room.consume(ben, {
      transportId: await receiveTransport(ben),
      producerId: sound.producerId,
    });
    await room.consume(ada, { transportId: await receiveTransport(ada), producerId: bens.producerId });
    const events = recordEvents(room);
    room.removePeer(ada);
    room.removePeer(ada);
    expect(events).toEqual([{ name: 'consumerClosed', peerId: ben, consumerId }]);
    await expect.poll(running.countInWorkers).toEqual({ transports: 2, producers: 1, consumers: 0 });
  });

  describe('what goes away while the worker is asked', () => {
    test('a peer that leaves: its calls fail with NOT_IN_ROOM and nothing stays in the worker', async () => {
      const transportId = await sendTransport(ada);
      const receiving = await receiveTransport(ada);
      const { producerId } = await room.produce(ben, microphone(await sendTransport(ben)));
      const events = recordEvents(room);
      const calls = [
        sendTransport(ada),
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
      const creating = sendTransport(ada);
      room.removePeer(ada);
      await expect(creating).rejects.toMatchObject({ reason: 'NOT_IN_ROOM' });
      await room.produce(ben, microphone(await sendTransport(ben)));
      await expect.poll(running.countInWorkers).toMatchObject({ transports: 1, producers: 1 });
    });

    test('a producer that is closed: consume() fails with PRODUCER_NOT_FOUND', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      const consuming = room.consume(ben, { transportId: await receiveTransport(ben), producerId });
      room.closeProducer(ada, producerId);
      await expect(consuming).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
      await expect.poll(running.countInWorkers).toMatchObject({ producers: 0, consumers: 0 });
    });

    test('a consumer that is closed: resumeConsumer() fails with CONSUMER_NOT_FOUND', async () => {
      const { producerId } = await room.produce(ada, microphone(await sendTransport(ada)));
      const { consumerId } = await room.consume(ben, { transportId: await receiveTransport(ben), producerId });
      room.closeProducer(ada, producerId);
      await expect(room.resumeConsumer(ben, consumerId)).rejects.toMatchObject({ reason: 'CONSUMER_NOT_FOUND' });
    });

    test('the room itself: calls fail with MEDIA_UNAVAILABLE, and its router goes', async () => {
      const creating = [sendTransport(ada), sendTransport(ben)];
      room.close();
      for (const result of await Promise.allSettled(creating)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'MEDIA_UNAVAILABLE' } });
      }
      await expect(sendTransport(ada)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
      await expect.poll(async () => (await media.stats()).workers).toMatchObject([{ routers: 0 }]);
    });
  });

  test('a room costs no router until its first transport, and many first calls share one', async () => {
    expect(await media.stats()).toMatchObject({ rooms: 1, workers: [{ routers: 0 }] });
    await Promise.all([sendTransport(ada), sendTransport(ada), sendTransport(ben)]);
    expect(await media.stats()).toMatchObject({ rooms: 1, transports: 3, workers: [{ routers: 1 }] });
  });
});
