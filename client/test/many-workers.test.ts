import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { LocalTrack, RemoteTrack, Room } from '../src/index.ts';
import { collect } from './in-room.ts';
import { counters, startRealRoom } from './real-room.ts';
import { createToneTrack } from './tracks.ts';

/** So small that everybody who comes goes to the other worker. */
const placementLimits = { fullAt: 0, minGain: 0 };

interface Person {
  readonly room: Room;
  readonly microphone: LocalTrack;
}

/** Waits until the sound of each grows at each other, in whatever tracks that is by then. */
async function everybodyHearsEverybody(people: readonly Person[]): Promise<void> {
  const first = new Map<RemoteTrack, number>();
  const pairs = people.flatMap((to) => people.filter((from) => from !== to).map((from) => ({ from, to })));
  const isHeard = async ({ from, to }: (typeof pairs)[number]) => {
    const track = to.room.remoteTracks.get(from.microphone.producerId ?? '');
    if (!track) return false;
    const { totalAudioEnergy } = await counters(track);
    if (!first.has(track)) first.set(track, totalAudioEnergy);
    return totalAudioEnergy > (first.get(track) ?? 0);
  };
  await eventually(
    async () => (await Promise.all(pairs.map(isHeard))).every((heard) => heard),
    'everybody being heard',
    30_000,
  );
}

describe.skipIf(!requireOrSkip('mediasoup'))('a room on two workers', () => {
  // How long it takes is measured by bench:media.
  it('goes on when one is killed: some never notice, and everybody hears everybody again', {
    timeout: 60_000,
  }, async () => {
    await using real = await startRealRoom({ media: { workers: 2, loudestSpeakers: 0 } }, { placementLimits });
    const names = ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay'];
    const tones = names.map(() => createToneTrack());
    using _ = {
      [Symbol.dispose]() {
        for (const tone of tones) tone[Symbol.dispose]();
      },
    };
    const people: Person[] = [];
    for (const [at, identity] of names.entries()) {
      const { room } = await real.join({ identity });
      people.push({ room, microphone: await room.publish(tones[at]!.track, { source: 'microphone' }) });
    }
    await everybodyHearsEverybody(people);
    const before = people.map(({ microphone }) => microphone.producerId);
    const states = people.map(({ room }) => collect(room, 'mediaStateChanged'));

    process.kill(real.workerPid, 'SIGKILL');
    // What is buffered is heard for a moment longer.
    const isKept = (at: number) => people[at]?.microphone.producerId === before[at];
    await eventually(() => !people.every((_person, at) => isKept(at)), 'the loss being noticed');
    await everybodyHearsEverybody(people);
    const kept = [...people.keys()].filter(isKept);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(people.length);
    expect(kept.flatMap((at) => states[at])).toEqual([]);
  });
});
