// The same calls on one node and on several, with real workers and real WebRTC.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RemoteTrack } from '../../client/src/index.ts';
import { grows, remoteTrack } from '../../client/test/real-room.ts';
import { createPictureTrack, createToneTrack } from '../../client/test/tracks.ts';
import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import { requireOrSkip } from '../support/require.ts';
import { People } from './scenarios/people.ts';
import { soon } from './scenarios/scenario.ts';
import { settings, startAllSettings } from './scenarios/servers.ts';

const timeout = 120_000;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('a call', () => {
  let all: Awaited<ReturnType<typeof startAllSettings>>;

  beforeAll(async () => {
    all = await startAllSettings();
  }, timeout);

  afterAll(async () => {
    await all?.[Symbol.asyncDispose]();
  });

  describe.each(settings)('on $name', (setting) => {
    test('is heard and seen by all, is muted by a moderator, and stands in the log once', { timeout }, async () => {
      await using people = new People(all.of(setting), { device: createWrtcDevice });
      const ada = await people.enter('ada', 'call');
      const bob = await people.enter('bob', 'call');
      const mod = await people.enter('mod', 'call', { can: ['moderate'] });
      using tone = createToneTrack();
      using pictures = createPictureTrack();
      using answer = createToneTrack({ frequencyHz: 880 });
      const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
      const camera = await ada.room.publish(pictures.track, { source: 'camera' });
      await bob.room.publish(answer.track, { source: 'microphone' });
      const heard: RemoteTrack[] = [];
      for (const one of [bob, mod]) {
        heard.push(await remoteTrack(one.room, 'microphone'));
        await grows(await remoteTrack(one.room, 'camera'), 'framesDecoded');
      }
      for (const track of heard) await grows(track, 'totalAudioEnergy');
      await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');

      await microphone.pause();
      await soon(() => heard[0]?.paused, 'bob sees that ada paused');
      await microphone.resume();
      await soon(() => !heard[0]?.paused, 'bob sees that ada goes on');
      await mod.room.muteProducer(microphone.producerId ?? '', { muted: true, lock: true });
      await soon(() => microphone.locked && heard[0]?.paused, 'ada is muted');
      await expect(microphone.resume()).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
      await mod.room.muteProducer(microphone.producerId ?? '', { muted: false });
      await soon(() => !microphone.muted && !heard[0]?.paused, 'ada may speak again');

      await camera.close();
      const picturesOf = (one: typeof ada) =>
        [...one.room.remoteTracks.values()].filter(({ source }) => source === 'camera');
      await soon(() => picturesOf(bob).length + picturesOf(mod).length === 0, 'the picture ends for both');
      const calls = mod.records.filter(({ kind }) => kind.startsWith('call')).map(({ kind }) => kind);
      expect(calls).toEqual(['callStarted']);
    });
  });
});
