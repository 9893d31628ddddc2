// Two who send to each other, for tests of what happens then.

import { eventually } from '../../test/support/eventually.ts';
import type { TestClaims } from '../../test/support/start-server.ts';
import type { RemoteTrack, Room } from '../src/index.ts';
import { grows, type Participant, type RealRoom, remoteTrack } from './real-room.ts';
import { createPictureTrack, createToneTrack } from './tracks.ts';
import { createWrtcDevice } from './wrtc-device.ts';

export const auto = { rooms: { direct: 'auto' } } as const;

export interface DirectRoom extends Disposable {
  readonly ada: Participant;
  readonly bob: Participant;
  /** Of ada, at bob. */
  readonly sound: RemoteTrack;
  readonly picture: RemoteTrack;
  /** Of bob, at ada. */
  readonly back: RemoteTrack;
  /** Whether everything, or nothing, comes directly. */
  isDirect(): boolean;
  isAtServer(): boolean;
}

/** Both have a microphone, the first one a camera, and all of it comes directly. */
export async function startDirect(
  real: RealRoom,
  claims: readonly [TestClaims, TestClaims] = [{ identity: 'ada' }, { identity: 'bob' }],
): Promise<DirectRoom> {
  // The library's classes are there before anybody joins.
  createWrtcDevice();
  const ada = await real.join(claims[0]);
  const bob = await real.join(claims[1]);
  // Where little is published at a time, the first of it comes directly before the last is there.
  const viaServer = new Map<RemoteTrack, string>();
  for (const { room } of [ada, bob]) room.on('trackAdded', (track) => viaServer.set(track, track.track.id));
  const made = [createToneTrack(), createToneTrack({ frequencyHz: 660 }), createPictureTrack()] as const;
  await ada.room.publish(made[0].track, { source: 'microphone' });
  await bob.room.publish(made[1].track, { source: 'microphone' });
  await ada.room.publish(made[2].track, { source: 'camera' });
  const [sound, picture] = [await remoteTrack(bob.room, 'microphone'), await remoteTrack(bob.room, 'camera')];
  const back = await remoteTrack(ada.room, 'microphone');
  const received: readonly RemoteTrack[] = [sound, picture, back];
  const isDirect = () => received.every((one) => viaServer.has(one) && one.track.id !== viaServer.get(one));
  await eventually(() => [ada, bob].every(({ room }) => room.mediaMode.mode === 'direct'), 'both are told', 40_000);
  await eventually(isDirect, 'everything comes directly', 40_000);
  return {
    ada,
    bob,
    sound,
    picture,
    back,
    isDirect,
    isAtServer: () => received.every((one) => one.track.id === viaServer.get(one)),
    [Symbol.dispose]() {
      for (const track of made) track[Symbol.dispose]();
    },
  };
}

export async function isLifted(call: DirectRoom, reason: Room['mediaMode']['reason']): Promise<void> {
  await eventually(() => call.isAtServer(), 'everything comes from the server', 30_000);
  await eventually(() => call.ada.room.mediaMode.reason === reason, `the reason ${reason}`, 10_000);
  await grows(call.back, 'totalAudioEnergy');
}

/** Waits until nothing of it is heard for half a second. */
export async function isSilent(track: RemoteTrack): Promise<void> {
  let before = { energy: -1, atMs: performance.now() };
  await eventually(
    async () => {
      let energy = 0;
      (await track.getStats()).forEach((entry: { type: string; totalAudioEnergy?: number }) => {
        if (entry.type === 'inbound-rtp') energy += entry.totalAudioEnergy ?? 0;
      });
      // What rounding and comfort noise add.
      if (energy - before.energy > 1e-6) before = { energy, atMs: performance.now() };
      return performance.now() - before.atMs > 500;
    },
    `${track.source} is silent`,
    30_000,
  );
}
