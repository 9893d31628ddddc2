import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { silentLogger } from '../core/log.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../test/support/memory-media-engine.ts';
import { receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { opusOnly, opusParameters, vp8Parameters } from '../test/support/rtp-parameters.ts';
import { mediaDefaults } from '../test/support/start-media.ts';
import { createMedia, type EngineMedia } from './create-media.ts';
import type { RoomMedia } from './media.ts';

const full = { reason: 'NODE_OVERLOADED', code: 'RESOURCE_EXHAUSTED', retryAfterMs: 5_000 };

describe('a node that has too much to do', () => {
  let engine: MemoryMediaEngine;
  let clock: FakeClock;
  let media: EngineMedia;
  let room: RoomMedia;
  const [ada, ben] = [createPeerId(), createPeerId()];

  beforeEach(() => {
    engine = createMemoryMediaEngine();
    const options = { ...mediaDefaults, videoLoadLimit: 0.8, audioLoadLimit: 0.95 };
    clock = new FakeClock();
    media = createMedia({ engine, options, clock, log: silentLogger });
    room = media.openRoom('standup');
  });

  const loadIs = (...loads: number[]) => {
    engine.places = loads.map((load, place) => ({ place, load, routers: 1 }));
  };
  const produce = (peerId: PeerId, transportId: string, kind: 'audio' | 'video') =>
    room.produce(peerId, {
      transportId,
      owner: peerId,
      kind,
      source: kind === 'audio' ? 'microphone' : 'camera',
      rtpParameters: { ...(kind === 'audio' ? opusParameters() : vp8Parameters()), headerExtensions: [] },
      paused: false,
    });

  test('refuses pictures before sounds, and sounds with all that is new before it is full', async () => {
    const sending = await sendTransport(room, ada);
    const receiving = await receiveTransport(room, ben, opusOnly);
    const sound = await produce(ada, sending, 'audio');
    const picture = await produce(ada, sending, 'video');
    loadIs(0.85);
    await expect(room.consume(ben, { transportId: receiving, producerId: picture.producerId })).rejects.toMatchObject(
      full,
    );
    await room.consume(ben, { transportId: receiving, producerId: sound.producerId });
    const bens = await sendTransport(room, ben);
    await expect(produce(ben, bens, 'video')).rejects.toMatchObject(full);
    loadIs(0.96);
    await expect(produce(ben, bens, 'audio')).rejects.toMatchObject(full);
    await expect(sendTransport(room, createPeerId())).rejects.toMatchObject(full);
    expect(media.placementStats().refused).toEqual({ video: 2, sound: 1, transports: 1 });
  });

  test('takes all of it while one worker has room', async () => {
    loadIs(1, 0.79, Number.POSITIVE_INFINITY);
    await produce(ada, await sendTransport(room, ada), 'video');
    expect(media.placementStats().refused).toEqual({ video: 0, sound: 0, transports: 0 });
  });

  test('counts the pictures that it let in until they show in its load, and no sounds', async () => {
    const picture = await produce(ada, await sendTransport(room, ada), 'video');
    const sound = await produce(ada, await sendTransport(room, ada), 'audio');
    loadIs(0.79);
    const letIn = async (most: number) => {
      for (let count = 0; count < most; count += 1) {
        const peerId = createPeerId();
        const transportId = await receiveTransport(room, peerId, opusOnly);
        const consumed = room.consume(peerId, { transportId, producerId: picture.producerId });
        if ((await Promise.allSettled([consumed]))[0].status === 'rejected') return count;
      }
      return most;
    };
    // A picture of 500 kbit/s is a third of a thousandth of a core; Ada's own is one of them.
    expect(await letIn(100)).toBe(27);
    const late = createPeerId();
    await room.consume(late, {
      transportId: await receiveTransport(room, late, opusOnly),
      producerId: sound.producerId,
    });
    clock.advance(5_000);
    expect(await letIn(10)).toBe(10);
  });

  test('counts a picture once, however often somebody asks for it', async () => {
    const picture = await produce(ada, await sendTransport(room, ada), 'video');
    loadIs(0.79);
    for (let count = 0; count < 100; count += 1) {
      const transportId = await receiveTransport(room, ben, opusOnly);
      await room.consume(ben, { transportId, producerId: picture.producerId });
      await expect(room.consume(ben, { transportId, producerId: 'none' })).rejects.toBeDefined();
      room.closeTransport(ben, transportId);
    }
    await produce(ben, await sendTransport(room, ben), 'video');
  });

  test('lets who was in have again what it had, after a reset too, and no more', async () => {
    const sending = await sendTransport(room, ada);
    const picture = await produce(ada, sending, 'video');
    const receiving = await receiveTransport(room, ben, opusOnly);
    const { consumerId } = await room.consume(ben, { transportId: receiving, producerId: picture.producerId });
    loadIs(1);
    // Another path, and the same track on it.
    room.closeTransport(ben, receiving);
    expect(consumerId).toBeTypeOf('string');
    await room.consume(ben, {
      transportId: await receiveTransport(room, ben, opusOnly),
      producerId: picture.producerId,
    });
    engine.killRouter();
    await expect.poll(() => room.epoch).toBe(2);
    await expect
      .poll(() =>
        sendTransport(room, ada).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const again = await produce(ada, await sendTransport(room, ada), 'video');
    const transportId = await receiveTransport(room, ben, opusOnly);
    await room.consume(ben, { transportId, producerId: again.producerId });
    await expect(room.consume(ben, { transportId, producerId: again.producerId })).rejects.toMatchObject(full);
    expect(media.placementStats().refused.video).toBe(1);
  });

  test('knows nobody who has left', async () => {
    await sendTransport(room, ada);
    loadIs(1);
    await sendTransport(room, ada);
    room.removePeer(ada);
    await expect(sendTransport(room, ada)).rejects.toMatchObject(full);
  });

  test('says that there is no worker rather than that there is too much to do', async () => {
    loadIs();
    await expect(sendTransport(room, ada)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
  });
});
