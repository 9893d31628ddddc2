import { expect, test } from 'vitest';
import { Onsets, type Speaker, utter } from './onsets.ts';
import { createOpusStream, markOf } from './opus-stream.ts';

/** A room that lets a speaker through after so many packets of an utterance, once in a row. */
function speakersBefore(onsets: Onsets, waits: number): Speaker[] {
  let speaking: number | undefined;
  return Array.from({ length: 3 }, (_, at) => ({
    stream: createOpusStream({ ssrc: at }),
    caller: {
      send(packet: Buffer) {
        const said = markOf(packet) & 0xff;
        if (markOf(packet) === 0) return;
        if (said >= waits) speaking = at;
        if (speaking === at) for (const listener of [1, 2]) onsets.receive(listener, packet);
      },
      close() {},
    },
  }));
}

test('what is lost of a first syllable is told apart from what the same speaker loses right after it', async () => {
  const onsets = new Onsets();
  const { first, again } = await utter(speakersBefore(onsets, 2), onsets, { utterances: 2, noiseDbov: -65 });
  expect(first.map(({ lostPackets, listeners }) => [lostPackets, listeners])).toEqual([
    [2, 2],
    [2, 2],
  ]);
  expect(again.map(({ lostPackets, listeners }) => [lostPackets, listeners])).toEqual([
    [0, 2],
    [0, 2],
  ]);
  for (const { heardAfterMs } of first) expect(heardAfterMs).toBeGreaterThan(15);
  expect(onsets.isOpen).toBe(false);
});

test('who is never heard has lost all of it', async () => {
  const onsets = new Onsets();
  const { first } = await utter(speakersBefore(onsets, 100), onsets, { utterances: 1, noiseDbov: -65 });
  expect(first).toEqual([{ lostPackets: 15, listeners: 0, heardAfterMs: Number.POSITIVE_INFINITY }]);
});
