import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { Room } from '../src/index.ts';
import { auto, isSilent, startDirect } from './direct-room.ts';
import { hear } from './heard-sound.ts';
import { grows, type RealRoom, remoteTrack, startRealRoom } from './real-room.ts';
import { createPictureTrack } from './tracks.ts';

const long = { timeout: 120_000 };

/** How much RTP the worker took and passed on, as it said last. */
async function packetsOf({ server }: RealRoom): Promise<string> {
  const text = await readMetrics(server.url);
  const count = (name: string) => new RegExp(`^parley_media_packets_${name}_total (\\d+)$`, 'm').exec(text)?.[1];
  return `${count('received')} in, ${count('forwarded')} out`;
}

/** Waits until nothing goes through the worker for so long that its counters were read twice meanwhile. */
async function workerIsIdle(real: RealRoom, room: Room): Promise<void> {
  let before = { packets: '', atMs: performance.now() };
  await eventually(
    async () => {
      const { mode, reason } = room.mediaMode;
      if (mode !== 'direct') throw new Error(`it was lifted: ${reason}`);
      const packets = await packetsOf(real);
      if (packets !== before.packets) before = { packets, atMs: performance.now() };
      return performance.now() - before.atMs > 11_000;
    },
    'nothing goes through the worker',
    60_000,
    500,
  );
}

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('two who are alone in a room that may go direct', () => {
  test('send nothing through the worker, and nobody sees that as a pause', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startDirect(real);
    const { ada, bob, sound, picture, back } = call;
    await workerIsIdle(real, ada.room);
    expect(await packetsOf(real)).toMatch(/^[1-9]\d* in, [1-9]\d* out$/);
    for (const track of [sound, back]) await grows(track, 'totalAudioEnergy');
    await grows(picture, 'framesDecoded');
    for (const { room } of [ada, bob]) {
      for (const { paused, muted } of room.localTracks.values()) expect([paused, muted]).toEqual([false, false]);
      for (const { paused } of room.remoteTracks.values()) expect(paused).toBe(false);
      for (const { producers } of room.peers.values()) {
        for (const { paused, muted } of producers) expect([paused, muted]).toEqual([false, false]);
      }
    }
    const metrics = await readMetrics(real.server.url);
    expect(metrics).toMatch(/^parley_direct_calls 1$/m);
  });

  test('hear each other on while a third one joins, who hears both, and go direct again without it', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startDirect(real);
    const { ada, bob, sound, picture } = call;
    using heard = hear(bob.room, sound);
    await eventually(() => heard.buffers > 100, 'a second of sound', 20_000);
    heard.restart();
    const before = heard.buffers;
    const cleo = await real.join({ identity: 'cleo' });
    await eventually(() => call.isAtServer(), 'everything comes from the server', 30_000);
    await grows(picture, 'framesDecoded');
    await eventually(() => heard.buffers > before + 100, 'a second more', 20_000);
    const gapMs = Math.round(heard.longestGapMs);
    console.log(`the longest gap in the sound while a third one joined: ${gapMs} ms`);
    // Both ways carry it for a moment: what a loaded machine adds is not the lift's.
    expect(gapMs).toBeLessThan(1_500);
    expect([ada, bob].map(({ room }) => room.mediaMode.reason)).toEqual(['joined', 'joined']);
    for (const { peerId } of [ada.room, bob.room]) {
      const found = () =>
        [...cleo.room.remoteTracks.values()].find((one) => one.peerId === peerId && one.source === 'microphone');
      await grows(await eventually(found, 'a microphone for the third one', 20_000), 'totalAudioEnergy');
    }
    await cleo.room.leave();
    await eventually(() => call.isDirect(), 'direct again', 40_000);
    await grows(sound, 'totalAudioEnergy');
  });

  test('take what is published, paused and closed on the way', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startDirect(real);
    const { ada, bob, sound, back } = call;
    using picture = createPictureTrack();
    const swapped: string[] = [];
    ada.room.on('trackChanged', ({ source }) => swapped.push(source));
    const camera = await bob.room.publish(picture.track, { source: 'camera' });
    const shown = await remoteTrack(ada.room, 'camera');
    await eventually(() => swapped.includes('camera'), 'the new picture comes directly', 20_000);
    await grows(shown, 'framesDecoded');
    await ada.room.localTracks.get('microphone')?.pause();
    await eventually(() => sound.paused, 'the pause is seen');
    await isSilent(sound);
    await ada.room.localTracks.get('microphone')?.resume();
    await grows(sound, 'totalAudioEnergy');
    await camera.close();
    await eventually(() => !ada.room.remoteTracks.has(shown.producerId), 'the end of the picture');
    expect(ada.room.mediaMode.mode).toBe('direct');
    await grows(back, 'totalAudioEnergy');
  });
});
