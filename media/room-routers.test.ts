import { describe, expect, test } from 'vitest';
import { createPeerId } from '../core/ids.ts';
import { eventually } from '../test/support/eventually.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { type HeardTrack, type RoomCaller, startRoomCaller } from '../test/support/room-caller.ts';
import { callsOf, type RunningMedia, recordEvents, startMedia } from '../test/support/start-media.ts';
import { createWrtcPeer } from '../test/support/wrtc-peer.ts';
import type { RoomMedia } from './media.ts';

/** So small that everybody who comes goes to the other worker: callers stand on the first and the second in turn. */
const spread = { fullAt: 0, minGain: 0 };
const slow = 30_000;

interface SpreadRoom extends AsyncDisposable {
  readonly running: RunningMedia;
  readonly room: RoomMedia;
  readonly recoveries: readonly number[];
  call(): Promise<RoomCaller>;
  /** The process of a place's worker. */
  workerAt(place: number): Promise<number>;
  countRouters(): Promise<number[]>;
}

async function openSpreadRoom(): Promise<SpreadRoom> {
  const recoveries: number[] = [];
  const running = await startMedia(
    { workers: 2 },
    { placementLimits: spread, onRecovered: (seconds) => recoveries.push(seconds) },
  );
  const { media } = running;
  const room = media.openRoom('standup');
  const callers: RoomCaller[] = [];
  return {
    running,
    room,
    recoveries,
    async call() {
      const caller = await startRoomCaller({ media, room, peerId: createPeerId() });
      callers.push(caller);
      return caller;
    },
    workerAt: async (place) => (await media.stats()).workers.find((worker) => worker.place === place)!.pid,
    countRouters: async () => (await media.stats()).workers.map(({ routers }) => routers),
    async [Symbol.asyncDispose]() {
      for (const caller of callers) caller[Symbol.dispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}

const arrived = (track: HeardTrack, packets: number) =>
  eventually(() => track.sequenceNumbers.length >= packets, `${packets} packets`);
/** Sequence numbers that are not the next of the one before. */
const gapsOf = ({ sequenceNumbers }: HeardTrack) =>
  sequenceNumbers.filter((number, index) => index > 0 && number !== ((sequenceNumbers[index - 1]! + 1) & 0xffff));

describe.skipIf(!requireOrSkip('mediasoup'))('a room on two workers', () => {
  test('a sound crosses from one to the other, packet for packet', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const [ada, ben] = [await spreadRoom.call(), await spreadRoom.call()];
    expect(await spreadRoom.countRouters()).toEqual([1, 1]);
    const heard = await ben.hear(ada.producerId);
    await ada.talk(100);
    await arrived(heard, 100);
    expect(gapsOf(heard)).toEqual([]);
    expect(spreadRoom.running.media.placementStats()).toMatchObject({ routers: 2, pipes: 1 });
  });

  test('everybody of twelve hears everybody', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const callers: RoomCaller[] = [];
    for (let count = 0; count < 12; count += 1) callers.push(await spreadRoom.call());
    const tracks: HeardTrack[] = [];
    for (const caller of callers) {
      const others = callers.filter((other) => other !== caller);
      tracks.push(...(await Promise.all(others.map(({ producerId }) => caller.hear(producerId)))));
    }
    expect(await spreadRoom.countRouters()).toEqual([1, 1]);
    // Each of the six on either side is brought to the other one once.
    expect(spreadRoom.running.media.placementStats()).toMatchObject({ routers: 2, pipes: 12 });
    await Promise.all(callers.map((caller) => caller.talk(25)));
    for (const track of tracks) await arrived(track, 25);
  });

  test('what becomes of a track is so on the other worker too', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room, running } = spreadRoom;
    const [ada, ben] = [await spreadRoom.call(), await spreadRoom.call()];
    const heard = await ben.hear(ada.producerId);
    await room.muteProducer(ada.producerId, { muted: true, lock: false });
    await ada.talk(10);
    await room.muteProducer(ada.producerId, { muted: false, lock: false });
    await ada.talk(10);
    await arrived(heard, 10);
    expect(heard.sequenceNumbers).toHaveLength(10);
    const events = recordEvents(room);
    room.closeProducer(ada.peerId, ada.producerId);
    expect(events.map(({ name }) => name)).toEqual(['producerClosed', 'consumerClosed']);
    // Ben's own stays; the pipes' transports do too, with nothing on them.
    await expect.poll(running.countInWorkers).toMatchObject({ producers: 1, consumers: 0 });
    expect(running.media.placementStats().pipes).toBe(0);
  });

  test('a picture crosses, and one who comes later gets the key frame that it needs', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room, running } = spreadRoom;
    const peers = [createPeerId(), createPeerId(), createPeerId(), createPeerId()];
    using ada = await createWrtcPeer(callsOf(running.media, room, peers[0]!));
    using ben = await createWrtcPeer(callsOf(running.media, room, peers[1]!));
    using cleo = await createWrtcPeer(callsOf(running.media, room, peers[2]!));
    using dan = await createWrtcPeer(callsOf(running.media, room, peers[3]!));
    const { producerId } = await ada.send('camera');
    const pictures = [await ben.receive(producerId)];
    await expect.poll(async () => (await pictures[0]!.stats()).framesDecoded, { timeout: slow }).toBeGreaterThan(5);
    pictures.push(await cleo.receive(producerId), await dan.receive(producerId));
    for (const picture of pictures) {
      await expect.poll(async () => (await picture.stats()).framesDecoded, { timeout: slow }).toBeGreaterThan(5);
    }
    expect(await spreadRoom.countRouters()).toEqual([1, 1]);
  });

  test('of a picture in layers each receiver across gets the one that it wants', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room, running } = spreadRoom;
    const [adaId, benId] = [createPeerId(), createPeerId()];
    using ada = await createWrtcPeer(callsOf(running.media, room, adaId));
    using ben = await createWrtcPeer(callsOf(running.media, room, benId));
    const { producerId } = await ada.send('camera', { layers: 2 });
    const events = recordEvents(room);
    const layerNow = () =>
      events.flatMap((event) => (event.name === 'consumerLayersChanged' ? [event.spatialLayer] : [])).at(-1);
    const { consumerId } = await ben.receive(producerId);
    await expect.poll(layerNow, { timeout: slow }).toBe(1);
    await room.setPreferredLayers(benId, consumerId, { spatialLayer: 0, temporalLayer: undefined });
    await expect.poll(layerNow, { timeout: slow }).toBe(0);
    await room.setPreferredLayers(benId, consumerId, { spatialLayer: 1, temporalLayer: undefined });
    await expect.poll(layerNow, { timeout: slow }).toBe(1);
    expect(running.media.placementStats().pipes).toBe(1);
  });

  test('a client with payload types of its own receives by them', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room, running } = spreadRoom;
    const ada = await spreadRoom.call();
    using ben = await startRoomCaller({
      media: running.media,
      room,
      peerId: createPeerId(),
      payloadTypes: new Map([['audio/opus', 111]]),
    });
    using cleo = await startRoomCaller({
      media: running.media,
      room,
      peerId: createPeerId(),
      payloadTypes: new Map([['audio/opus', 96]]),
    });
    const tracks = [await ben.hear(ada.producerId), await cleo.hear(ada.producerId)];
    await ada.talk(25);
    for (const track of tracks) await arrived(track, 25);
    expect(tracks.map(({ payloadTypes }) => [...payloadTypes])).toEqual([[111], [96]]);
  });

  test('so does one who receives a picture, beside its sender and across', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room, running } = spreadRoom;
    // The room's own: the client library receives no others.
    const vp8 = running.media.rtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'video/VP8')!;
    const payloadTypes = new Map([['video/VP8', vp8.preferredPayloadType!]]);
    const join = () => {
      const peerId = createPeerId();
      const calls = callsOf(running.media, room, peerId);
      return createWrtcPeer({
        ...calls,
        createTransport: async (direction, rtpCapabilities) => ({
          ...(await room.createTransport(peerId, {
            direction,
            rtpCapabilities,
            ...(direction === 'recv' && { payloadTypes }),
          })),
          iceServers: [],
          relayOnly: false,
        }),
      });
    };
    using ada = await join();
    using ben = await join();
    using cleo = await join();
    const { producerId } = await ada.send('camera');
    for (const peer of [ben, cleo]) {
      const picture = await peer.receive(producerId);
      await expect.poll(async () => (await picture.stats()).framesDecoded, { timeout: slow }).toBeGreaterThan(5);
    }
    // Ben's stands on the other worker, Cleo's on Ada's.
    expect(await spreadRoom.countRouters()).toEqual([2, 1]);
  });

  test('a client with payload types of its own and one without receive the same track across', {
    timeout: slow,
  }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room, running } = spreadRoom;
    // On the first worker, the second, the first; then two on the second, each by a router of its own.
    const [ada, ben] = [await spreadRoom.call(), await spreadRoom.call()];
    await spreadRoom.call();
    const payloadTypes = new Map([['audio/opus', 111]]);
    using dan = await startRoomCaller({ media: running.media, room, peerId: createPeerId(), payloadTypes });
    expect(await spreadRoom.countRouters()).toEqual([1, 2]);
    const tracks = [await ben.hear(ada.producerId), await dan.hear(ada.producerId)];
    await ada.talk(25);
    for (const track of tracks) await arrived(track, 25);
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('of the two workers of a room', () => {
  test('one that is killed: those on the other lose no packet, the rest are back within 3 seconds', {
    timeout: slow,
  }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room } = spreadRoom;
    // On the first worker, the second, the first, the second.
    const callers = [];
    for (let count = 0; count < 4; count += 1) callers.push(await spreadRoom.call());
    const [ada, ben, cleo, dan] = callers as [RoomCaller, RoomCaller, RoomCaller, RoomCaller];
    const kept = [await ada.hear(cleo.producerId), await cleo.hear(ada.producerId)];
    await ada.hear(ben.producerId);
    const across = await dan.hear(ada.producerId);
    const events = recordEvents(room);
    const stopTalking = [ada, cleo].map((caller) => caller.startTalking());
    for (const track of [...kept, across]) await arrived(track, 10);
    const killedAtMs = performance.now();
    process.kill(await spreadRoom.workerAt(1), 'SIGKILL');
    await eventually(() => events.some(({ name }) => name === 'reset'), 'the reset');
    expect(events.filter(({ name }) => name === 'reset' || name === 'consumerClosed')).toMatchObject([
      { name: 'consumerClosed', peerId: ada.peerId },
      { name: 'reset', epoch: 2, peerIds: [ben.peerId, dan.peerId] },
    ]);
    await Promise.all([ben.startAnew(), dan.startAnew()]);
    const again = [await ben.hear(ada.producerId), await dan.hear(cleo.producerId), await ada.hear(ben.producerId)];
    await Promise.all([ben.talk(5), ...again.map((track) => arrived(track, 5))]);
    expect(performance.now() - killedAtMs).toBeLessThan(3_000);
    await eventually(() => spreadRoom.recoveries.length === 1, 'the time it took');
    for (const track of kept) await arrived(track, track.sequenceNumbers.length + 10);
    for (const stop of stopTalking) stop();
    expect(kept.map(gapsOf)).toEqual([[], []]);
  });

  test('both that are killed: everybody is told, and can start over', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room } = spreadRoom;
    const [ada, ben] = [await spreadRoom.call(), await spreadRoom.call()];
    const events = recordEvents(room);
    const pids = [await spreadRoom.workerAt(0), await spreadRoom.workerAt(1)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    const told = () => events.flatMap((event) => (event.name === 'reset' ? event.peerIds : []));
    await eventually(() => told().length === 2, 'both being told');
    expect(new Set(told())).toEqual(new Set([ada.peerId, ben.peerId]));
    const startAnew = (caller: RoomCaller) =>
      eventually(
        () =>
          caller.startAnew().then(
            () => true,
            ({ reason }) => reason !== 'MEDIA_UNAVAILABLE',
          ),
        'a start',
      );
    await Promise.all([startAnew(ada), startAnew(ben)]);
    const heard = await ben.hear(ada.producerId);
    await ada.talk(10);
    await arrived(heard, 10);
  });

  test('one that is killed while tracks are brought to it and taken from it', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room } = spreadRoom;
    const [ada, ben] = [await spreadRoom.call(), await spreadRoom.call()];
    const pid = await spreadRoom.workerAt(1);
    process.kill(pid, 'SIGSTOP');
    const calls = [ben.hear(ada.producerId), ada.hear(ben.producerId)];
    process.kill(pid, 'SIGKILL');
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected' });
      expect(['MEDIA_UNAVAILABLE', 'PRODUCER_NOT_FOUND']).toContain((result as PromiseRejectedResult).reason.reason);
    }
    await eventually(() => room.epoch === 2, 'the reset');
    expect(spreadRoom.running.media.placementStats()).toMatchObject({ routers: 1, pipes: 0 });
    await ben.startAnew();
    const heard = [await ben.hear(ada.producerId), await ada.hear(ben.producerId)];
    await Promise.all([ada.talk(10), ben.talk(10)]);
    for (const track of heard) await arrived(track, 10);
  });

  test('one that dies with a mute on its way to it does no harm', { timeout: slow }, async () => {
    await using spreadRoom = await openSpreadRoom();
    const { room } = spreadRoom;
    const [ada, ben] = [await spreadRoom.call(), await spreadRoom.call()];
    await ben.hear(ada.producerId);
    const pid = await spreadRoom.workerAt(1);
    process.kill(pid, 'SIGSTOP');
    // The copy on the other worker is paused when the first one says that the original is.
    await room.muteProducer(ada.producerId, { muted: true, lock: false });
    await ada.talk(5);
    process.kill(pid, 'SIGKILL');
    await eventually(() => room.epoch === 2, 'the reset');
    expect(room.producersOf(ada.peerId)).toMatchObject([{ muted: true }]);
  });
});
