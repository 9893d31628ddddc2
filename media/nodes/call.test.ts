import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import type { ProducerInfo } from '../../proto/gen/types.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createMediaNetwork, type MediaNetwork } from '../../test/support/node-media.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { callsOf, type RunningMedia, recordEvents, startMedia } from '../../test/support/start-media.ts';
import { createWrtcPeer, type ReceivedTrack, type WrtcPeer } from '../../test/support/wrtc-peer.ts';
import type { RoomMedia } from '../media.ts';

/** libwebrtc shares two cores with whatever else runs here. */
const deadlineMs = 20_000;

interface Node extends AsyncDisposable {
  readonly running: RunningMedia;
  readonly room: RoomMedia;
}

describe.skipIf(!requireOrSkip('mediasoup'))('a call between WebRTC clients of two nodes', () => {
  let network: MediaNetwork;
  let home: Node;
  let away: Node;
  const [adaId, benId] = [createPeerId(), createPeerId()];
  let ada: WrtcPeer;
  let ben: WrtcPeer;

  async function start(name: string): Promise<Node> {
    const running = await startMedia({}, { nodes: network.join(name) });
    network.serve(name, running.media.forNodes);
    const room = running.media.openRoom('standup');
    return { running, room, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
  }

  beforeEach(async () => {
    network = createMediaNetwork();
    [home, away] = [await start('home'), await start('away')];
    const tell = (producer: ProducerInfo) => {
      const shape = home.room.remoteTracks?.shapeOf(producer.producerId);
      away.room.remoteTracks?.changed(adaId, producer, { node: 'home', shape });
    };
    home.room.events.on('producerAdded', ({ producer }) => tell(producer));
    home.room.events.on('producerChanged', ({ producer }) => tell(producer));
    home.room.events.on('producerClosed', ({ producerId }) => away.room.remoteTracks?.closed(adaId, producerId));
    home.room.events.on('reset', ({ producers }) => {
      for (const { producerId } of producers) away.room.remoteTracks?.closed(adaId, producerId);
    });
    ada = await createWrtcPeer(callsOf(home.running.media, home.room, adaId));
    ben = await createWrtcPeer(callsOf(away.running.media, away.room, benId));
  });
  afterEach(async () => {
    ada.reset();
    ben.reset();
    await home[Symbol.asyncDispose]();
    await away[Symbol.asyncDispose]();
  });

  const isHeard = (track: ReceivedTrack) =>
    eventually(async () => (await track.stats()).totalAudioEnergy > 0, 'the sound is decoded', deadlineMs);
  const isSeen = (track: ReceivedTrack) =>
    eventually(async () => (await track.stats()).framesDecoded > 5, 'the picture is decoded', deadlineMs);
  const pipesOf = ({ running }: Node) => running.media.placementStats().nodePipes;
  const killWorkerOf = async ({ running }: Node) => {
    const [worker] = (await running.media.stats()).workers;
    process.kill(worker!.pid, 'SIGKILL');
  };

  test('sound and picture come through and are decoded, and stop with their sender', async () => {
    const [microphone, camera] = [await ada.send('microphone'), await ada.send('camera')];
    const [sound, picture] = [await ben.receive(microphone.producerId), await ben.receive(camera.producerId)];
    await isHeard(sound);
    await isSeen(picture);
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
    const events = recordEvents(away.room);
    home.room.closeProducer(adaId, microphone.producerId);
    // Whether somebody was heard long enough to be the speaker by now, is another matter.
    const closed = events.map(({ name }) => name).filter((name) => name !== 'activeSpeakerChanged');
    expect(closed).toEqual(['producerClosed', 'consumerClosed']);
    await eventually(async () => (await away.running.countInWorkers()).producers === 1, 'its copy is gone');
    await eventually(() => pipesOf(away) === 1, 'the pipe stays for the picture');
  });

  test('what nobody receives any more leaves nothing in the workers', async () => {
    const { producerId } = await ada.send('microphone');
    const { consumerId } = await ben.receive(producerId);
    away.room.closeConsumer(benId, consumerId);
    await eventually(() => pipesOf(home) + pipesOf(away) === 0, 'both ends are closed', deadlineMs);
    expect(await away.running.countInWorkers()).toEqual({ transports: 1, producers: 0, consumers: 0 });
    // What was started first looks into the workers of both.
    expect(await home.running.countInWorkers()).toEqual({ transports: 2, producers: 1, consumers: 0 });
  });

  test('the receiving worker is killed: its clients come back and hear the same track', async () => {
    const { producerId } = await ada.send('microphone');
    await isHeard(await ben.receive(producerId));
    const reset = new Promise((resolve) => away.room.events.once('reset', resolve));
    await killWorkerOf(away);
    await reset;
    ben.reset();
    await isHeard(await ben.receive(producerId));
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
  });

  test('the sending worker is killed: what its clients send next is heard', async () => {
    const before = await ada.send('microphone');
    await isHeard(await ben.receive(before.producerId));
    const reset = new Promise((resolve) => home.room.events.once('reset', resolve));
    await killWorkerOf(home);
    await reset;
    expect(away.room.allProducers()).toEqual([]);
    ada.reset();
    const { producerId } = await ada.send('microphone');
    await isHeard(await ben.receive(producerId));
    expect([pipesOf(home), pipesOf(away)]).toEqual([1, 1]);
  });
});
