import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createRandom, oneOf, type Random } from '../../test/support/random.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { TrackSource } from '../src/index.ts';
import { quickTiming } from './quick-timing.ts';
import { grows, type Participant, type RealRoom, remoteTrack, startRealRoom } from './real-room.ts';
import { createPictureTrack, createToneTrack } from './tracks.ts';

/** Things that happen to a call. None of them is waited for. */
function createMishaps(real: RealRoom, people: readonly Participant[], random: Random) {
  const someone = () => oneOf(random, people);
  const track = (source: TrackSource) => someone().room.localTracks.get(source);
  let picture = createPictureTrack();
  let killedPid = 0;
  return {
    cut: () => someone().cutConnection(),
    cutEverybody: () => {
      for (const person of people) person.cutConnection();
    },
    /** Once the one that took over from the last one is there. */
    killWorker: async () => {
      await eventually(() => real.workerPid !== killedPid, 'another worker');
      killedPid = real.workerPid;
      process.kill(killedPid, 'SIGKILL');
    },
    pause: () => track('microphone')?.pause(),
    resume: () => track('microphone')?.resume(),
    publish: () => someone().room.publish(picture.track, { source: 'camera' }),
    replace: () => {
      picture = createPictureTrack();
      return track('camera')?.replace(picture.track);
    },
    close: () => track('camera')?.close(),
    chat: () => someone().room.chat.send('are you there?').sent,
    unsubscribe: () => {
      const { room } = someone();
      const [producerId] = room.remoteTracks.keys();
      return producerId === undefined ? undefined : room.unsubscribe(producerId).then(() => room.subscribe(producerId));
    },
  };
}

/** What the others see of somebody: sources, and whether they are paused. */
function asSeenBy(observer: Participant, person: Participant): string[] {
  const producers = observer.room.peers.get(person.room.peerId)?.producers ?? [];
  return producers.map(({ producerId, source, paused }) => `${source} ${producerId} ${paused}`).sort();
}

function asMeantBy({ room }: Participant): string[] {
  return [...room.localTracks.values()]
    .map(({ source, producerId, paused }) => `${source} ${producerId} ${paused}`)
    .sort();
}

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('whatever happens to a call', () => {
  it.each([1, 2, 3])('it ends as everybody meant it (seed %i)', { timeout: 90_000 }, async (seed) => {
    const random = createRandom(seed);
    await using real = await startRealRoom();
    const people = [
      await real.join({ identity: 'ada' }, { timing: quickTiming }),
      await real.join({ identity: 'bob' }, { timing: quickTiming }),
    ] as const;
    const [ada, bob] = people;
    using tone = createToneTrack();
    using answer = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    await bob.room.publish(answer.track, { source: 'microphone' });

    const mishaps = createMishaps(real, people, random);
    // Killed twice only: workers take a while to start, and this is no test of that.
    const usual = Object.entries(mishaps).filter(([name]) => name !== 'killWorker');
    for (let count = 0; count < 60; count += 1) {
      const [, happen] = oneOf(random, usual);
      void Promise.resolve(happen()).catch(() => {});
      if (count === 20 || count === 40) void mishaps.killWorker();
      if (random() < 0.5)
        await oneOf(random, people)
          .client.ping()
          .catch(() => {});
      if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 50));
    }

    await eventually(() => people.every(({ client }) => client.state === 'connected'), 'both connected', 30_000);
    for (const person of people) await person.room.localTracks.get('microphone')?.resume();
    const isInLine = () =>
      asSeenBy(ada, bob).join() === asMeantBy(bob).join() && asSeenBy(bob, ada).join() === asMeantBy(ada).join();
    await eventually(isInLine, 'what is seen being what is meant', 30_000).catch(() => {
      expect([asSeenBy(ada, bob), asSeenBy(bob, ada)]).toEqual([asMeantBy(bob), asMeantBy(ada)]);
    });
    await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');
    await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
    await eventually(
      () =>
        people.every(({ room }) => room.remoteTracks.size === (room === ada.room ? bob : ada).room.localTracks.size),
      'every track being received',
      30_000,
    );
    await eventually(() => people.every(({ room }) => room.mediaState === 'connected'), 'connected media', 30_000);
  });
});
