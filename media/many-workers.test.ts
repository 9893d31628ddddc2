import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { silentLogger } from '../core/log.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../test/support/memory-media-engine.ts';
import { receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../test/support/rtp-parameters.ts';
import { mediaDefaults, recordEvents } from '../test/support/start-media.ts';
import { createMedia, type EngineMedia } from './create-media.ts';
import type { RoomMedia } from './media.ts';

/** So small that everybody who comes goes to the other worker. */
const spread = { fullAt: 0, minGain: 0 };

describe('a room on two workers', () => {
  let clock: FakeClock;
  let engine: MemoryMediaEngine;
  let media: EngineMedia;
  let room: RoomMedia;
  const recovered: number[] = [];
  const [ada, ben, cleo] = [createPeerId(), createPeerId(), createPeerId()];

  beforeEach(() => {
    recovered.length = 0;
    clock = new FakeClock();
    engine = createMemoryMediaEngine();
    placesAre(0, 1);
    media = createMedia({
      engine,
      options: mediaDefaults,
      clock,
      log: silentLogger,
      placementLimits: spread,
      onRecovered: (seconds) => recovered.push(seconds),
    });
    room = media.openRoom('standup');
  });

  const placesAre = (...places: number[]) => {
    engine.places = places.map((place) => ({ place, load: 0, routers: 0 }));
  };
  const die = (place: number, ...left: number[]) => {
    placesAre(...left);
    engine.killWorker(place);
  };
  const speak = async (peerId: PeerId) => {
    const transportId = await sendTransport(room, peerId);
    const rtpParameters = { ...opusParameters(), headerExtensions: [] };
    const track = { transportId, owner: peerId, kind: 'audio', source: 'microphone', rtpParameters } as const;
    return (await room.produce(peerId, { ...track, paused: false })).producerId;
  };
  const hear = async (peerId: PeerId, producerId: string) => {
    const transportId = await receiveTransport(room, peerId, opusOnly);
    return { transportId, ...(await room.consume(peerId, { transportId, producerId })) };
  };

  test('takes a track across once for all who hear it there, and back when nobody does', async () => {
    const voice = await speak(ada);
    const [bens] = [await hear(ben, voice)];
    // Ada's worker again, then Ben's.
    await sendTransport(room, cleo);
    const dan = createPeerId();
    const [first, second] = await Promise.all([hear(cleo, voice), hear(dan, voice)]);
    expect(engine.pipes).toEqual([`${voice} to place 1`]);
    expect(media.placementStats()).toMatchObject({ routers: 2, pipes: 1 });
    expect(first.producerId).toBe(voice);
    room.closeConsumer(dan, second.consumerId);
    expect(engine.pipes).toHaveLength(1);
    room.closeTransport(ben, bens.transportId);
    expect(engine.pipes).toEqual([`${voice} to place 1`, `close ${voice}`]);
    await room.consume(ben, { transportId: await receiveTransport(room, ben, opusOnly), producerId: voice });
    expect(engine.pipes).toHaveLength(3);
    room.removePeer(ada);
    expect(media.placementStats()).toMatchObject({ routers: 2, pipes: 0 });
  });

  test('a consumer that comes to nothing leaves no pipe behind', async () => {
    const voice = await speak(ada);
    const transportId = await receiveTransport(room, ben, opusOnly);
    const consuming = room.consume(ben, { transportId, producerId: voice });
    room.closeTransport(ben, transportId);
    await expect(consuming).rejects.toMatchObject({ reason: 'TRANSPORT_NOT_FOUND' });
    expect(engine.pipes).toEqual([`${voice} to place 1`, `close ${voice}`]);
    expect(media.placementStats().pipes).toBe(0);
  });

  test('all that a peer has stands on one worker', async () => {
    for (let count = 0; count < 3; count += 1) await sendTransport(room, ada);
    expect(media.placementStats().routers).toBe(1);
    await sendTransport(room, ben);
    expect(media.placementStats().routers).toBe(2);
  });

  test('a worker that dies takes along who stood on it; the others hear what ended, and keep the rest', async () => {
    const adas = await speak(ada);
    const bens = await speak(ben);
    const cleos = await speak(cleo);
    const kept = await hear(cleo, adas);
    const ended = await hear(cleo, bens);
    await hear(ben, adas);
    expect(room.epochOf(ada)).toBe(1);
    const events = recordEvents(room);
    die(1, 0);
    expect(events).toEqual([
      { name: 'consumerClosed', peerId: cleo, consumerId: ended.consumerId, reason: 'ended' },
      { name: 'reset', epoch: 2, peerIds: [ben], producers: [{ peerId: ben, producerId: bens }] },
    ]);
    expect(room.allProducers().map(({ producer }) => producer.producerId)).toEqual([adas, cleos]);
    await room.resumeConsumer(cleo, kept.consumerId);
    expect([room.epochOf(ada), room.epochOf(ben), room.epochOf(createPeerId())]).toEqual([1, 2, 2]);
    // Ben's, piped to the worker that lives, and Ada's, piped to the one that died.
    expect(media.placementStats()).toMatchObject({ routers: 1, pipes: 0 });
    await hear(ben, adas);
    expect(media.placementStats()).toMatchObject({ routers: 1, pipes: 0 });
  });

  test('calls of a peer that are under way when its worker dies fail, and none of it stays', async () => {
    const voice = await speak(ada);
    const transportId = await receiveTransport(room, ben, opusOnly);
    const calls = [room.consume(ben, { transportId, producerId: voice }), receiveTransport(room, ben, opusOnly)];
    die(1, 0);
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'MEDIA_UNAVAILABLE' } });
    }
    expect(await media.stats()).toMatchObject({ transports: 1, producers: 1, consumers: 0 });
    expect(media.placementStats()).toMatchObject({ routers: 1, pipes: 0 });
  });

  test('two workers that die one after the other: everybody is told once, and of nothing twice', async () => {
    const [adas, bens] = [await speak(ada), await speak(ben)];
    const events = recordEvents(room);
    die(0, 1);
    die(1);
    engine.failures = 1;
    expect(events).toEqual([
      { name: 'reset', epoch: 2, peerIds: [ada], producers: [{ peerId: ada, producerId: adas }] },
    ]);
    await expect(sendTransport(room, ada)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    placesAre(0);
    await expect
      .poll(() => {
        clock.advance(100);
        return events.slice(1);
      })
      .toEqual([{ name: 'reset', epoch: 3, peerIds: [ben], producers: [{ peerId: ben, producerId: bens }] }]);
    await Promise.all([speak(ada), speak(ben)]);
    expect(media.placementStats().routers).toBe(1);
  });

  test('both at once: who leaves before there is another is not told of', async () => {
    const dan = createPeerId();
    await Promise.all([ada, ben, cleo, dan].map(speak));
    const events = recordEvents(room);
    die(0);
    die(1);
    room.removePeer(dan);
    placesAre(0, 1);
    await expect
      .poll(() => {
        clock.advance(100);
        return events;
      })
      .toMatchObject([
        { name: 'reset', epoch: 2, peerIds: [ada, cleo] },
        { name: 'reset', epoch: 3, peerIds: [ben] },
      ]);
  });

  test('a worker on which nobody stands any more dies unnoticed', async () => {
    await speak(ada);
    await speak(ben);
    room.removePeer(ben);
    const events = recordEvents(room);
    die(1, 0);
    expect(events).toEqual([]);
    expect(room.epoch).toBe(1);
  });

  test('tells how long it took until the last peer is back', async () => {
    await Promise.all([speak(ada), speak(ben), sendTransport(room, cleo)]);
    die(0, 1);
    clock.advance(100);
    engine.setConnectivity(await sendTransport(room, ada), 'up');
    expect(recovered).toEqual([]);
    clock.advance(200);
    engine.setConnectivity(await sendTransport(room, cleo), 'up');
    expect(recovered).toEqual([0.3]);
  });

  test('a client with payload types of its own gets a router of them beside its peers’, which goes with it', async () => {
    const voice = await speak(ada);
    const payloadTypes = new Map([['audio/opus', 111]]);
    const receiveBy = (peerId: PeerId) =>
      room.createTransport(peerId, { direction: 'recv', rtpCapabilities: opusOnly, payloadTypes });
    const first = await receiveBy(ben);
    await room.consume(ben, { transportId: first.transportId, producerId: voice });
    const second = await receiveBy(ben);
    expect(media.placementStats()).toMatchObject({ routers: 2, pipes: 1 });
    room.closeTransport(ben, first.transportId);
    expect(media.placementStats()).toMatchObject({ routers: 2, pipes: 0 });
    room.closeTransport(ben, second.transportId);
    expect(media.placementStats()).toMatchObject({ routers: 1, pipes: 0 });
  });

  test('what a router of payload types heard counts no more once it is gone', async () => {
    const voice = await speak(ada);
    const payloadTypes = new Map([['audio/opus', 111]]);
    const made = await room.createTransport(ben, { direction: 'recv', rtpCapabilities: opusOnly, payloadTypes });
    const events = recordEvents(room);
    engine.hear(1, [{ producerId: voice, levelDbov: -20 }]);
    room.closeTransport(ben, made.transportId);
    expect(events).toEqual([
      { name: 'activeSpeakerChanged', peerId: ada },
      { name: 'activeSpeakerChanged', peerId: undefined },
    ]);
  });

  test('has no more than 16 sets of payload types, each on as many workers as it takes', async () => {
    const receiveBy = (type: number) => {
      const payloadTypes = new Map([['audio/opus', type]]);
      return room.createTransport(createPeerId(), { direction: 'recv', rtpCapabilities: opusOnly, payloadTypes });
    };
    for (let type = 96; type < 112; type += 1) await receiveBy(type);
    await expect(receiveBy(112)).rejects.toMatchObject({ reason: 'NODE_OVERLOADED' });
    // The next peers stand on the first worker and on the second in turn.
    for (let count = 0; count < 2; count += 1) await receiveBy(96);
    expect(media.placementStats().routers).toBe(17);
  });

  test('the loudest of all its routers speaks, and who is hardly louder does not take the turn', async () => {
    const [adas, bens] = [await speak(ada), await speak(ben)];
    const events = recordEvents(room);
    const speakers = () => events.flatMap((event) => (event.name === 'activeSpeakerChanged' ? [event.peerId] : []));
    engine.hear(0, [{ producerId: adas, levelDbov: -40 }]);
    expect(speakers()).toEqual([ada]);
    engine.hear(1, [{ producerId: bens, levelDbov: -36 }]);
    expect(speakers()).toEqual([ada]);
    engine.hear(1, [{ producerId: bens, levelDbov: -20 }]);
    expect(speakers()).toEqual([ada, ben]);
    engine.hear(1, []);
    engine.hear(0, []);
    expect(speakers()).toEqual([ada, ben, ada, undefined]);
  });
});
