import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { type Logger, silentLogger } from '../core/log.ts';
import { eventually } from '../test/support/eventually.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { opusParameters } from '../test/support/rtp-parameters.ts';
import { callsOf, startMedia } from '../test/support/start-media.ts';
import { createWrtcPeer } from '../test/support/wrtc-peer.ts';
import type { RoomMedia } from './media.ts';
import { parseRtp } from './mixer/rtp/rtp-packet.ts';

/** Counts the packets that come, by where they come from and of which stream. */
async function listen() {
  const socket = createSocket('udp4');
  const counts = new Map<string, number>();
  socket.on('message', (bytes, { port }) => {
    const packet = parseRtp(bytes);
    const key = `${port}/${packet?.ssrc}`;
    if (packet) counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    target: { ip: '127.0.0.1', port: socket.address().port },
    of: ({ localPort, rtpParameters }: Awaited<ReturnType<ReturnType<RoomMedia['openTap']>['add']>>) =>
      counts.get(`${localPort}/${rtpParameters.encodings[0]?.ssrc}`) ?? 0,
    [Symbol.dispose]: () => socket.close(),
  };
}

async function microphoneOf(room: RoomMedia, peerId: PeerId): Promise<string> {
  const { transportId } = await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
  const request = { transportId, owner: 'ada', kind: 'audio', source: 'microphone', paused: false } as const;
  const { producerId } = await room.produce(peerId, { ...request, rtpParameters: opusParameters() });
  return producerId;
}

describe.skipIf(!requireOrSkip('mediasoup'))('a tap of a room', () => {
  test('brings what is sent once it is resumed, and leaves nothing behind', async () => {
    await using running = await startMedia();
    using socket = await listen();
    const room = running.media.openRoom('standup');
    using ada = await createWrtcPeer(callsOf(running.media, room, createPeerId()));
    const { producerId } = await ada.send('microphone');
    const before = await running.countInWorkers();
    const tap = room.openTap(socket.target);
    const [one, two] = await Promise.all([tap.add(producerId), tap.add(producerId)]);
    // Both by one transport.
    expect(one.localPort).toBe(two.localPort);
    expect(await running.countInWorkers()).toMatchObject({ transports: before.transports + 1, consumers: 2 });
    await one.resume();
    await eventually(() => socket.of(one) > 20, 'packets come');
    expect(socket.of(two)).toBe(0);
    one.close();
    await eventually(async () => (await running.countInWorkers()).consumers === 1, 'one is gone');
    tap.close();
    await eventually(async () => (await running.countInWorkers()).transports === before.transports, 'all is gone');
    await expect(tap.add(producerId)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    ada.reset();
  });

  test('ends no track that ended with its producer', async () => {
    const complaints: string[] = [];
    const warn = (_fields: object, message: string) => void complaints.push(message);
    const log: Logger = { ...silentLogger, warn, child: () => log };
    await using running = await startMedia({}, { log });
    using socket = await listen();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    const producerId = await microphoneOf(room, ada);
    const tap = room.openTap(socket.target);
    const track = await tap.add(producerId);
    room.closeProducer(ada, producerId);
    track.close();
    expect(await running.countInWorkers()).toMatchObject({ consumers: 0 });
    expect(complaints).toEqual([]);
    tap.close();
  });

  test('tells what a worker took with it, and goes on with what comes back', async () => {
    await using running = await startMedia();
    using socket = await listen();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    const producerId = await microphoneOf(room, ada);
    const tap = room.openTap(socket.target);
    await tap.add(producerId);
    await expect(tap.add('nobody')).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    const lost: string[] = [];
    tap.events.on('lost', ({ producerIds }) => lost.push(...producerIds));
    const reset = new Promise((resolve) => room.events.once('reset', resolve));
    const [worker] = (await running.media.stats()).workers;
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await reset;
    expect(lost).toEqual([producerId]);
    const again = await tap.add(await microphoneOf(room, ada));
    await again.resume();
    expect(await running.countInWorkers()).toMatchObject({ transports: 2, consumers: 1 });
    tap.close();
  });

  test('can be opened while there is no worker', async () => {
    await using running = await startMedia();
    using socket = await listen();
    const room = running.media.openRoom('standup');
    room.close();
    const tap = room.openTap(socket.target);
    await expect(tap.add('nobody')).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    tap.close();
  });
});
