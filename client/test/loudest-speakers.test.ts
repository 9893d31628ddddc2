import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { RemoteTrack, Room } from '../src/index.ts';
import { counters, grows, startRealRoom } from './real-room.ts';
import { createToneTrack } from './tracks.ts';

async function microphoneOf(room: Room, peerId: string): Promise<RemoteTrack> {
  const found = () =>
    [...room.remoteTracks.values()].find((remote) => remote.peerId === peerId && remote.source === 'microphone');
  return eventually(found, 'the microphone');
}

/** Waits until nothing more of it comes for half a second. */
async function isHeldBack(track: RemoteTrack): Promise<void> {
  let before = { bytes: -1, atMs: performance.now() };
  await eventually(
    async () => {
      const { bytesReceived } = await counters(track);
      if (bytesReceived !== before.bytes) before = { bytes: bytesReceived, atMs: performance.now() };
      return performance.now() - before.atMs > 500;
    },
    'nothing more of the microphone comes',
    20_000,
  );
}

describe.skipIf(!requireOrSkip('mediasoup'))('a room that forwards its loudest speaker only', () => {
  it('says who speaks, sends nobody else, and changes over to whoever speaks next', async () => {
    await using real = await startRealRoom({ media: { loudestSpeakers: 1 } });
    const [ada, ben, eve] = [
      await real.join({ identity: 'ada' }),
      await real.join({ identity: 'ben' }),
      await real.join({ identity: 'eve' }),
    ];
    using tone = createToneTrack();
    using silence = createToneTrack({ level: 0 });
    const told: (readonly string[])[] = [];
    eve.room.on('speakersChanged', (peerIds) => told.push(peerIds));
    const adas = await ada.room.publish(tone.track, { source: 'microphone' });
    const bens = await ben.room.publish(silence.track, { source: 'microphone' });
    const [ofAda, ofBen] = [
      await microphoneOf(eve.room, ada.room.peerId),
      await microphoneOf(eve.room, ben.room.peerId),
    ];
    await grows(ofAda, 'totalAudioEnergy');
    await isHeldBack(ofBen);
    await eventually(() => eve.room.speakers.join() === ada.room.peerId, 'ada speaks');

    await adas.replace(silence.track);
    await bens.replace(tone.track);
    await grows(ofBen, 'totalAudioEnergy');
    await isHeldBack(ofAda);
    await eventually(() => eve.room.speakers.join() === ben.room.peerId, 'ben speaks');
    expect(told.map((peerIds) => peerIds.length)).toContain(1);
    // Who comes now is told with the room.
    const late = await real.join({ identity: 'dan' });
    expect(late.room.speakers).toEqual([ben.room.peerId]);
    const metrics = await readMetrics(real.server.url);
    expect(metrics).toMatch(/^parley_floor_rooms 1$/m);
    expect(metrics).toMatch(/^parley_floor_switches_total [1-9]/m);
  });
});
