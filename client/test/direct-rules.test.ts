import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../media/recording/manifest.ts';
import { probe, toneShare } from '../../media/recording/testing/ffmpeg.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { auto, isLifted, isSilent, startDirect } from './direct-room.ts';
import { grows, remoteTrack, startRealRoom } from './real-room.ts';

const long = { timeout: 120_000 };
const all = ['join', 'publish', 'subscribe', 'chat', 'history', 'record', 'moderate'] as const;
const moderated = [{ identity: 'ada', can: all }, { identity: 'bob' }] as const;

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('a direct call', () => {
  test.skipIf(!requireOrSkip('ffmpeg'))('is at the server before it is recorded, whole', long, async () => {
    await using real = await startRealRoom({ ...auto, recording: { enabled: true, minFreeBytes: 0 } });
    using call = await startDirect(real, moderated);
    const { ada } = call;
    const { recordingId } = await ada.room.startRecording();
    // What was answered is recorded from here on.
    expect(ada.room.mediaMode).toMatchObject({ mode: 'sfu', reason: 'recording' });
    const startedAtMs = performance.now();
    await eventually(() => performance.now() - startedAtMs > 3_000, 'three seconds of it', 20_000);
    await isLifted(call, 'recording');
    await ada.room.stopRecording(recordingId);
    const folder = join(real.server.dataDir, 'recordings', recordingId);
    const { tracks = [] } = (await readManifest(folder)) ?? {};
    expect(tracks.map(({ identity, source }) => `${identity} ${source}`).sort()).toEqual([
      'ada camera',
      'ada microphone',
      'bob microphone',
    ]);
    const lengths: number[] = [];
    for (const { file = '', source, identity } of tracks) {
      const { complaints, lastSeconds } = await probe(join(folder, file));
      expect(complaints).toBe('');
      lengths.push(lastSeconds);
      if (source !== 'microphone') continue;
      expect(await toneShare(join(folder, file), identity === 'ada' ? 440 : 660)).toBeGreaterThan(0.8);
    }
    console.log(`recorded of three seconds after a lift: ${lengths.map((seconds) => seconds.toFixed(2)).join(', ')} s`);
    for (const seconds of lengths) expect(seconds).toBeGreaterThan(1);
    // It may be direct again afterwards.
    await eventually(() => call.isDirect(), 'direct again', 40_000);
  });

  test('is no way around a moderator’s mute', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startDirect(real, moderated);
    const { ada, bob, back, sound } = call;
    await ada.room.muteProducer(back.producerId, { muted: true, lock: true });
    await eventually(() => bob.room.localTracks.get('microphone')?.locked, 'the mute is seen');
    await eventually(() => call.isAtServer(), 'everything comes from the server', 30_000);
    expect(ada.room.mediaMode.reason).toBe('policy');
    await isSilent(back);
    await grows(sound, 'totalAudioEnergy');
    await ada.room.muteProducer(back.producerId, { muted: false });
    await eventually(() => !bob.room.localTracks.get('microphone')?.locked, 'the end of the mute is seen');
    await bob.room.localTracks.get('microphone')?.resume();
    await grows(back, 'totalAudioEnergy');
  });

  test(
    'outlives the loss of a connection, and is lifted all the same when somebody joins meanwhile',
    long,
    async () => {
      await using real = await startRealRoom(auto);
      using call = await startDirect(real);
      const { ada, bob, sound, back } = call;
      bob.cutConnection();
      await eventually(() => bob.client.state !== 'connected', 'the loss');
      for (const track of [sound, back]) await grows(track, 'totalAudioEnergy');
      await eventually(() => bob.client.state === 'connected', 'the return', 30_000);
      expect(call.isDirect()).toBe(true);
      bob.cutConnection();
      const cleo = await real.join({ identity: 'cleo' });
      await isLifted(call, 'joined');
      await grows(sound, 'totalAudioEnergy');
      for (const { room } of [ada, bob]) {
        const found = () => [...cleo.room.remoteTracks.values()].find(({ peerId }) => peerId === room.peerId);
        await grows(await eventually(found, 'a track', 30_000), 'bytesReceived');
      }
    },
  );

  test('goes on when the media worker dies', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startDirect(real);
    const { ada, bob } = call;
    process.kill(real.workerPid, 'SIGKILL');
    await eventually(() => !bob.room.remoteTracks.has(call.sound.producerId), 'the loss', 30_000);
    for (const { room } of [ada, bob]) await grows(await remoteTrack(room, 'microphone'), 'totalAudioEnergy');
    await grows(await remoteTrack(bob.room, 'camera'), 'framesDecoded');
  });

  test('ends with one of the two, and is found again with whoever comes', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startDirect(real);
    const { ada, bob } = call;
    await bob.room.leave();
    await eventually(() => ada.room.mediaMode.reason === 'left', 'the end', 20_000);
    expect(ada.room.remoteTracks.size).toBe(0);
    const cleo = await real.join({ identity: 'cleo' });
    const sound = await remoteTrack(cleo.room, 'microphone');
    await eventually(() => cleo.room.mediaMode.mode === 'direct', 'direct again', 40_000);
    await grows(sound, 'totalAudioEnergy');
  });
});
