import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import type { ProducerInfo } from '../../proto/gen/types.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../../test/support/memory-media-engine.ts';
import { createMediaNetwork, type MediaNetwork } from '../../test/support/node-media.ts';
import { microphone, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../../test/support/rtp-parameters.ts';
import { mediaDefaults, recordEvents } from '../../test/support/start-media.ts';
import { createMedia, type EngineMedia } from '../create-media.ts';
import type { RoomMedia } from '../media.ts';
import type { RemoteTracks } from '../remote-tracks.ts';

interface Node {
  readonly name: string;
  readonly engine: MemoryMediaEngine;
  readonly media: EngineMedia;
  readonly room: RoomMedia & { readonly remoteTracks: RemoteTracks };
}

/** The engine in memory knows no header extensions. */
const sound = (transportId: string) => ({
  ...microphone(transportId),
  rtpParameters: { ...opusParameters(), headerExtensions: [] },
});

describe('tracks of another node', () => {
  let clock: FakeClock;
  let network: MediaNetwork;
  let home: Node;
  let away: Node;
  const [ada, ben, cleo] = [createPeerId(), createPeerId(), createPeerId()];

  function start(name: string): Node {
    const engine = createMemoryMediaEngine();
    const nodes = network.join(name);
    const media = createMedia({ engine, options: mediaDefaults, clock, log: silentLogger, nodes });
    network.serve(name, media.forNodes);
    return { name, engine, media, room: media.openRoom('standup') as Node['room'] };
  }

  beforeEach(() => {
    clock = new FakeClock();
    network = createMediaNetwork();
    home = start('home');
    away = start('away');
  });

  /** As nodes tell each other over the bus. */
  const tell = (producer: ProducerInfo, peerId = ada, node = 'home') => {
    const shape = home.room.remoteTracks.shapeOf(producer.producerId);
    away.room.remoteTracks.changed(peerId, producer, { node, shape });
  };
  const speak = async (peerId: PeerId = ada) => {
    const { producerId } = await home.room.produce(peerId, sound(await sendTransport(home.room, peerId)));
    const [info] = home.room.producersOf(peerId);
    tell(info!, peerId);
    return producerId;
  };
  const hear = async (peerId: PeerId, producerId: string) => {
    const transportId = await receiveTransport(away.room, peerId, opusOnly);
    return away.room.consume(peerId, { transportId, producerId });
  };
  /** Calls between nodes take some turns of the event loop; `ms` of the clock pass behind them. */
  const settle = async (ms = 0) => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const pipesOf = ({ media }: Node) => media.placementStats().nodePipes;

  test('are told of and found like those of this node, and nothing is brought before somebody wants it', async () => {
    const events = recordEvents(away.room);
    const voice = await speak();
    const [info] = home.room.producersOf(ada);
    expect(events).toEqual([{ name: 'producerAdded', peerId: ada, producer: info }]);
    expect(away.room.producersOf(ada)).toEqual([info]);
    expect(away.room.allProducers()).toEqual([{ peerId: ada, producer: info }]);
    tell(info!);
    expect(events).toHaveLength(1);
    tell({ ...info!, paused: true });
    expect(events[1]).toMatchObject({ name: 'producerChanged', producer: { paused: true } });
    away.room.remoteTracks.closed(ada, voice);
    expect(events[2]).toEqual({ name: 'producerClosed', peerId: ada, producerId: voice });
    expect(away.room.allProducers()).toEqual([]);
    expect([network.calls, away.engine.nodePipes, home.engine.nodePipes]).toEqual([[], [], []]);
  });

  test('come by one pipe for all of a node, each once for all who consume it', async () => {
    const [first, second] = [await speak(ada), await speak(ben)];
    const [one, two] = await Promise.all([
      hear(cleo, first),
      hear(createPeerId(), first),
      hear(createPeerId(), second),
    ]);
    expect(one).toMatchObject({ producerId: first, kind: 'audio', producerPaused: false });
    expect(two.consumerId).not.toBe(one.consumerId);
    expect(network.calls.filter((call) => call.startsWith('open'))).toEqual([
      'openPipe of home',
      'openTrack of home',
      'openTrack of home',
    ]);
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
    expect(await away.media.stats()).toMatchObject({ producers: 2, consumers: 3 });
  });

  test('close some time after their last consumer, and the pipe some time after them, at both ends', async () => {
    const voice = await speak();
    const { consumerId } = await hear(cleo, voice);
    await settle(60_000);
    expect(pipesOf(away)).toBe(1);
    away.room.closeConsumer(cleo, consumerId);
    await settle(4_900);
    // Switched off and on again.
    const again = await hear(cleo, voice);
    expect(network.calls.filter((call) => call.startsWith('openTrack'))).toHaveLength(1);
    away.room.closeConsumer(cleo, again.consumerId);
    const events = recordEvents(away.room);
    await settle(5_000);
    expect([away.engine.nodePipes.at(-1), home.engine.nodePipes.at(-1)]).toEqual([`end ${voice}`, `stop ${voice}`]);
    await settle(5_000);
    expect([pipesOf(home), pipesOf(away)]).toEqual([0, 0]);
    expect(events).toEqual([]);
    expect(away.room.allProducers()).toHaveLength(1);
    await hear(ben, voice);
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
  });

  test('pause, resume and end as their node says', async () => {
    const voice = await speak();
    const { consumerId } = await hear(cleo, voice);
    const [info] = home.room.producersOf(ada);
    const events = recordEvents(away.room);
    tell({ ...info!, paused: true, muted: true });
    tell({ ...info!, paused: false });
    expect(away.engine.nodePipes.slice(-2)).toEqual([`pause ${voice}`, `resume ${voice}`]);
    away.room.remoteTracks.closed(ada, voice);
    expect(events).toMatchObject([
      { name: 'producerChanged', producer: { paused: true, muted: true, locked: false } },
      { name: 'producerChanged', producer: { paused: false, muted: false } },
      { name: 'producerClosed', producerId: voice },
      { name: 'consumerClosed', peerId: cleo, consumerId, reason: 'ended' },
    ]);
    await settle(5_000);
    expect([pipesOf(home), pipesOf(away)]).toEqual([0, 0]);
  });

  test('a peer that is gone takes all of its tracks along, and their consumers are told', async () => {
    const voice = await speak();
    const { consumerId } = await hear(cleo, voice);
    const events = recordEvents(away.room);
    away.room.remoteTracks.peerGone(ada);
    expect(events).toEqual([{ name: 'consumerClosed', peerId: cleo, consumerId, reason: 'ended' }]);
    expect(away.room.producersOf(ada)).toEqual([]);
    await expect(hear(cleo, voice)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
  });

  test('one that ends while it is being brought is not found, and leaves nothing', async () => {
    const voice = await speak();
    const hearing = hear(cleo, voice);
    await Promise.resolve();
    away.room.remoteTracks.closed(ada, voice);
    await expect(hearing).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    const stale = await speak(ben);
    home.room.removePeer(ben);
    await expect(hear(cleo, stale)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    await settle(5_000);
    expect([pipesOf(home), pipesOf(away)]).toEqual([0, 0]);
    expect(await away.media.stats()).toMatchObject({ producers: 0, consumers: 0 });
  });

  test('a node that says nothing costs 5 s, one that cannot be reached nothing, and both may be tried again', async () => {
    const voice = await speak();
    network.cut('home');
    await expect(hear(cleo, voice)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    network.mend('home');
    network.hang('home');
    const hearing = hear(cleo, voice);
    const failed = expect(hearing).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE', retryAfterMs: 500 });
    await settle(5_000);
    await failed;
    expect(pipesOf(away)).toBe(0);
    const opened = away.engine.nodePipes.filter((what) => what.startsWith('open')).length;
    expect(away.engine.nodePipes.filter((what) => what.startsWith('close'))).toHaveLength(opened);
  });

  test('a node that dies takes its pipes along at both ends, and consumers are told to try again', async () => {
    const voice = await speak();
    const { consumerId } = await hear(cleo, voice);
    const events = recordEvents(away.room);
    network.die('home');
    expect(events).toEqual([{ name: 'consumerClosed', peerId: cleo, consumerId, reason: 'restart' }]);
    await expect(hear(cleo, voice)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    expect(pipesOf(away)).toBe(0);
    network.die('away');
    expect(pipesOf(home)).toBe(0);
    await settle();
    expect(home.engine.nodePipes.at(-1)).toMatch(/^close/);
  });

  test('the worker at home dies: those who receive by it get the tracks that are left by another pipe', async () => {
    home.engine.places = [0, 1].map((place) => ({ place, load: 0, routers: 0 }));
    const voice = await speak();
    const { consumerId } = await hear(cleo, voice);
    const events = recordEvents(away.room);
    home.engine.killWorker(0);
    await settle();
    expect(events).toEqual([{ name: 'consumerClosed', peerId: cleo, consumerId, reason: 'restart' }]);
    expect([pipesOf(home), pipesOf(away)]).toEqual([0, 0]);
    // Told of later than of the pipe.
    await expect(hear(cleo, voice)).rejects.toMatchObject({ reason: expect.stringMatching(/NOT_FOUND|UNAVAILABLE/) });
    away.room.remoteTracks.closed(ada, voice);
    const next = await speak();
    expect(await hear(cleo, next)).toMatchObject({ producerId: next });
  });

  test('the worker here dies: the tracks stay known, and come by another pipe', async () => {
    const voice = await speak();
    await hear(cleo, voice);
    const events = recordEvents(away.room);
    away.engine.killWorker(0);
    await settle();
    expect(events).toMatchObject([{ name: 'reset', peerIds: [cleo], producers: [] }]);
    expect([pipesOf(home), pipesOf(away)]).toEqual([0, 0]);
    expect(await hear(cleo, voice)).toMatchObject({ producerId: voice });
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
  });

  test('a node that was not heard of and comes back without the pipe gets another one; one that has it keeps it', async () => {
    const voice = await speak();
    const { consumerId } = await hear(cleo, voice);
    const events = recordEvents(away.room);
    network.cut('home');
    network.mend('home');
    await settle();
    expect(events).toEqual([]);
    // All that it knew of this node is gone.
    network.die('away');
    network.mend('home');
    await settle();
    expect(events).toEqual([{ name: 'consumerClosed', peerId: cleo, consumerId, reason: 'restart' }]);
    expect(await hear(cleo, voice)).toMatchObject({ producerId: voice });
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
  });

  test('a pipe that the other node has lost without a word is found out by whoever wants the next track', async () => {
    const [first, second] = [await speak(ada), await speak(ben)];
    await hear(cleo, first);
    network.die('away');
    await expect(hear(cleo, second)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    expect(await hear(cleo, second)).toMatchObject({ producerId: second });
    expect(await hear(cleo, first)).toMatchObject({ producerId: first });
  });

  test('garbage harms nobody: no end of a pipe, another kind, no parameters of a track', async () => {
    const [first, second] = [await speak(ada), await speak(ben)];
    const end = { ip: '127.0.0.1', port: 1, cryptoSuite: 'NULL', keyBase64: '' };
    network.garble = { openPipe: async () => end };
    await expect(hear(ben, first)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    network.garble = {};
    const { consumerId } = await hear(cleo, first);
    network.garble = { openTrack: async () => ({ kind: 'video', rtpParameters: opusParameters(), paused: false }) };
    await expect(hear(createPeerId(), second)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    const rtpParameters = { ...opusParameters(), codecs: [] };
    network.garble = { openTrack: async () => ({ kind: 'audio', rtpParameters, paused: false }) };
    await expect(hear(createPeerId(), second)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    network.garble = {};
    await away.room.resumeConsumer(cleo, consumerId);
    expect(await hear(createPeerId(), second)).toMatchObject({ producerId: second });
    // Of rooms, pipes and tracks that are not there, and of a pipe that is somebody else's.
    const { forNodes } = home.media;
    const nothing = { room: 'nowhere', pipeId: 'none', producerId: 'none' };
    await expect(forNodes.openPipe('away', { ...nothing, end })).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    for (const room of ['nowhere', 'standup']) {
      await expect(forNodes.openTrack('away', { ...nothing, room })).rejects.toMatchObject({
        reason: 'TRANSPORT_NOT_FOUND',
      });
      await forNodes.closeTrack('stranger', { ...nothing, room });
      await forNodes.closePipe('stranger', { ...nothing, room });
    }
    expect(pipesOf(home)).toBe(1);
  });

  test('a peer has no more of them here than at home, and none in the place of a track of this node', async () => {
    const own = await away.room.produce(cleo, sound(await sendTransport(away.room, cleo)));
    tell({ ...own, source: 'camera' });
    for (let index = 0; index < 20; index += 1) tell({ ...own, producerId: `more-${index}` });
    expect(away.room.producersOf(ada)).toHaveLength(2 * mediaDefaults.maxProducersPerPeer);
    expect(away.room.producersOf(cleo)).toEqual([own]);
  });

  test('a track that goes on at another node is brought from there', async () => {
    const voice = await speak();
    await hear(cleo, voice);
    const [info] = home.room.producersOf(ada);
    const events = recordEvents(away.room);
    tell(info!, ada, 'elsewhere');
    expect(events.map(({ name }) => name)).toEqual(['producerClosed', 'consumerClosed', 'producerAdded']);
    await expect(hear(cleo, voice)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    expect(network.calls).toContain('openPipe of elsewhere');
  });

  test('is not muted here: only its own node can do that', async () => {
    const voice = await speak();
    await hear(cleo, voice);
    await expect(away.room.muteProducer(voice, { muted: true, lock: true })).rejects.toMatchObject({
      reason: 'PRODUCER_NOT_FOUND',
    });
  });

  test('what nobody here can receive is not brought', async () => {
    const voice = await speak();
    const [info] = home.room.producersOf(ada);
    away.room.remoteTracks.closed(ada, voice);
    const shape = { ...home.room.remoteTracks.shapeOf(voice)!, mimeType: 'audio/PCMU' };
    away.room.remoteTracks.changed(ada, info!, { node: 'home', shape });
    await expect(hear(cleo, voice)).rejects.toMatchObject({ reason: 'CANNOT_CONSUME' });
    expect(network.calls).toEqual([]);
  });

  test('a pipe whose other end never came, and those of a room that closes, are closed', async () => {
    const voice = await speak();
    const { forNodes } = home.media;
    const end = { ip: '127.0.0.1', port: 1, cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: '' };
    await forNodes.openPipe('ghost', { room: 'standup', pipeId: 'p', end });
    await settle(30_000);
    expect(pipesOf(home)).toBe(0);
    await hear(cleo, voice);
    away.room.close();
    await settle();
    expect(pipesOf(home)).toBe(0);
    expect(home.engine.nodePipes.filter((what) => what.startsWith('open'))).toHaveLength(2);
    expect(home.engine.nodePipes.filter((what) => what.startsWith('close'))).toHaveLength(2);
  });

  test('epochs of two nodes differ, so that whoever goes on at the other knows that what it had is gone', () => {
    expect(away.room.epoch).not.toBe(home.room.epoch);
  });
});
