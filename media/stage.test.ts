import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { createPeerId } from '../core/ids.ts';
import { silentLogger } from '../core/log.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../test/support/memory-media-engine.ts';
import { opusParameters } from '../test/support/rtp-parameters.ts';
import { mediaDefaults, recordEvents } from '../test/support/start-media.ts';
import { createMedia } from './create-media.ts';
import type { RoomMedia } from './media.ts';

describe('a room with an engine that does as it is told', () => {
  let clock: FakeClock;
  let engine: MemoryMediaEngine;
  let room: RoomMedia;
  const ada = createPeerId();

  beforeEach(() => {
    clock = new FakeClock();
    engine = createMemoryMediaEngine();
    room = createMedia({ engine, options: mediaDefaults, clock, log: silentLogger }).openRoom('standup');
  });

  const sendTransport = async () =>
    (await room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined })).transportId;

  test('a client that is lost for 30 seconds is given up', async () => {
    const transportId = await sendTransport();
    const events = recordEvents(room);
    engine.setConnectivity(transportId, 'up');
    engine.setConnectivity(transportId, 'lost');
    clock.advance(29_999);
    expect(events).toEqual([]);
    clock.advance(1);
    expect(events).toEqual([{ name: 'transportClosed', peerId: ada, transportId }]);
    await expect(room.restartIce(ada, transportId)).rejects.toMatchObject({ reason: 'TRANSPORT_NOT_FOUND' });
  });

  test('a client that comes back in time is not given up', async () => {
    const transportId = await sendTransport();
    const events = recordEvents(room);
    engine.setConnectivity(transportId, 'lost');
    clock.advance(29_999);
    engine.setConnectivity(transportId, 'up');
    clock.advance(60_000);
    expect(events).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a client whose peer leaves leaves no timer behind', async () => {
    engine.setConnectivity(await sendTransport(), 'lost');
    expect(clock.pendingTimers).toBe(1);
    room.removePeer(ada);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a peer that is removed by whoever hears of its dead transport is not told of twice', async () => {
    const transportId = await sendTransport();
    const { producerId } = await room.produce(ada, {
      transportId,
      owner: 'ada',
      kind: 'audio',
      source: 'microphone',
      rtpParameters: { ...opusParameters(), headerExtensions: [] },
      paused: false,
    });
    room.events.on('transportClosed', ({ peerId }) => room.removePeer(peerId));
    const events = recordEvents(room);
    engine.setConnectivity(transportId, 'failed');
    expect(events).toEqual([{ name: 'transportClosed', peerId: ada, transportId }]);
    await expect(room.pauseProducer(ada, producerId)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
  });

  test('a first router that fails is asked for again by the next call', async () => {
    engine.failures = 1;
    await expect(sendTransport()).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    await expect(sendTransport()).resolves.toBeTypeOf('string');
    expect(room.epoch).toBe(1);
  });

  test('a router that fails again and again is asked for at a pace, and the room is reset once', async () => {
    await sendTransport();
    const events = recordEvents(room);
    engine.failures = 3;
    engine.killRouter();
    expect(room.epoch).toBe(2);
    for (let tries = 1; tries <= 3; tries += 1) {
      await expect.poll(() => clock.pendingTimers).toBe(1);
      expect(engine.routersAsked).toBe(1 + tries);
      expect(events).toEqual([]);
      clock.advance(100);
    }
    await expect.poll(() => events).toMatchObject([{ name: 'reset', epoch: 2 }]);
    expect(engine.routersAsked).toBe(5);
  });

  test('two deaths in a row are two epochs', async () => {
    await sendTransport();
    const events = recordEvents(room);
    engine.killRouter();
    await expect.poll(() => events).toMatchObject([{ name: 'reset', epoch: 2, peerIds: [ada] }]);
    await sendTransport();
    engine.killRouter();
    await expect.poll(() => events.at(-1)).toMatchObject({ name: 'reset', epoch: 3, peerIds: [ada] });
  });

  test('a listener that fails does not keep the others from hearing', async () => {
    const heard: number[] = [];
    await sendTransport();
    room.events.on('reset', () => {
      throw new Error('not mine');
    });
    room.events.on('reset', ({ epoch }) => heard.push(epoch));
    engine.killRouter();
    await expect.poll(() => heard).toEqual([2]);
  });
});
