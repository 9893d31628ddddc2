import { describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { opusParameters } from '../test/support/rtp-parameters.ts';
import { recordEvents, startMedia } from '../test/support/start-media.ts';
import type { Media, RoomMedia } from './media.ts';

const withinMs = 10_000;

async function startMicrophone(room: RoomMedia, peerId: PeerId): Promise<string> {
  const { transportId } = await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
  const { producerId } = await room.produce(peerId, {
    transportId,
    owner: 'ada',
    kind: 'audio',
    source: 'microphone',
    rtpParameters: opusParameters(),
    paused: false,
  });
  return producerId;
}

/** The pid of the worker that gets the room's router. */
async function workerOf(media: Media, room: RoomMedia, peerId: PeerId): Promise<number> {
  const before = new Map((await media.stats()).workers.map(({ pid, routers }) => [pid, routers]));
  await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
  const { workers } = await media.stats();
  return workers.find(({ pid, routers }) => routers > before.get(pid)!)!.pid;
}

describe.skipIf(!requireOrSkip('mediasoup'))('a media worker that dies', () => {
  test('takes the room’s state with it, and the room goes on with the next epoch on another worker', async () => {
    await using running = await startMedia();
    const { media } = running;
    const room = media.openRoom('standup');
    const [ada, ben] = [createPeerId(), createPeerId()];
    const producerId = await startMicrophone(room, ada);
    const { transportId } = await room.createTransport(ben, {
      direction: 'recv',
      rtpCapabilities: media.rtpCapabilities,
    });
    await room.consume(ben, { transportId, producerId });
    const events = recordEvents(room);
    const [worker] = (await media.stats()).workers;
    process.kill(worker!.pid, 'SIGKILL');

    await expect.poll(() => events, { timeout: withinMs }).toMatchObject([{ name: 'reset', epoch: 2 }]);
    expect(room.epoch).toBe(2);
    expect(room.producersOf(ada)).toEqual([]);
    await expect(room.consume(ben, { transportId, producerId })).rejects.toMatchObject({
      reason: 'TRANSPORT_NOT_FOUND',
    });
    const stats = await media.stats();
    expect(stats).toMatchObject({ workerDeaths: 1, rooms: 1, transports: 0, producers: 0, consumers: 0 });
    expect(stats.workers).toMatchObject([{ routers: 1 }]);
    expect(stats.workers[0]!.pid).not.toBe(worker!.pid);
    await startMicrophone(room, ada);
    expect(await running.countInWorkers()).toEqual({ transports: 1, producers: 1, consumers: 0 });
  });

  test('makes calls fail with MEDIA_UNAVAILABLE and a time to try again, until there is another', async () => {
    await using running = await startMedia();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    const producerId = await startMicrophone(room, ada);
    const reset = new Promise<void>((resolve) => {
      room.events.once('reset', () => resolve());
    });
    const epochBefore = room.epoch;
    process.kill((await running.media.stats()).workers[0]!.pid, 'SIGKILL');

    await expect.poll(() => room.epoch, { timeout: withinMs, interval: 1 }).toBe(epochBefore + 1);
    const answers = await Promise.allSettled([
      room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined }),
      room.pauseProducer(ada, producerId),
    ]);
    await reset;
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { reason: 'MEDIA_UNAVAILABLE' } });
      expect((answer as PromiseRejectedResult).reason.retryAfterMs).toBeGreaterThan(0);
    }
    await startMicrophone(room, ada);
  });

  test('makes calls that wait for it fail with MEDIA_UNAVAILABLE', async () => {
    await using running = await startMedia();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    await startMicrophone(room, ada);
    const { pid } = (await running.media.stats()).workers[0]!;
    process.kill(pid, 'SIGSTOP');
    const calls = [
      room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined }),
      startMicrophone(room, createPeerId()),
    ];
    process.kill(pid, 'SIGKILL');
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'MEDIA_UNAVAILABLE' } });
    }
  });

  test('resets its own rooms and no others', async () => {
    await using running = await startMedia({ workers: 2 });
    const { media } = running;
    const rooms = ['red', 'blue', 'green', 'grey'].map((name) => media.openRoom(name));
    const peers = rooms.map(() => createPeerId());
    const pids: number[] = [];
    for (const [index, room] of rooms.entries()) pids.push(await workerOf(media, room, peers[index]!));
    const [victim] = pids;
    const epochs = () => rooms.map((room) => room.epoch);
    expect(epochs()).toEqual([1, 1, 1, 1]);
    process.kill(victim!, 'SIGKILL');

    const expected = pids.map((pid) => (pid === victim ? 2 : 1));
    expect(expected).toContain(1);
    await expect.poll(epochs, { timeout: withinMs }).toEqual(expected);
    for (const [index, room] of rooms.entries()) {
      await expect
        .poll(() => startMicrophone(room, peers[index]!).catch(({ reason }) => reason), { timeout: withinMs })
        .not.toBe('MEDIA_UNAVAILABLE');
    }
    expect(epochs()).toEqual(expected);
  });

  test('leaves what moderators locked', async () => {
    await using running = await startMedia();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    const events = recordEvents(room);
    await room.muteProducer(await startMicrophone(room, ada), { muted: true, lock: true });
    process.kill((await running.media.stats()).workers[0]!.pid, 'SIGKILL');
    await expect.poll(() => events.at(-1), { timeout: withinMs }).toMatchObject({ name: 'reset', epoch: 2 });

    const producerId = await startMicrophone(room, ada);
    expect(room.producersOf(ada)).toMatchObject([{ producerId, paused: true, muted: true, locked: true }]);
    expect(await running.isPausedInWorker(producerId)).toBe(true);
    await expect(room.resumeProducer(ada, producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
  });

  test('does not trouble rooms that had no router, nor those that are closed while they wait', async () => {
    await using running = await startMedia();
    const { media } = running;
    const idle = media.openRoom('idle');
    const closing = media.openRoom('closing');
    const events = [recordEvents(idle), recordEvents(closing)];
    const pid = await workerOf(media, closing, createPeerId());
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => closing.epoch, { timeout: withinMs, interval: 1 }).toBe(2);
    closing.close();
    await expect.poll(() => media.ready, { timeout: withinMs }).toBe(true);
    expect(events).toEqual([[], []]);
    await expect.poll(async () => (await media.stats()).workers).toMatchObject([{ routers: 0 }]);
  });
});
