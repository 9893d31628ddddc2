import { expect, test } from 'vitest';
import { CallRecord } from './call-summary.ts';

const of = { room: 'standup', peerId: 'p_1', nowMs: 61_000 };

test('a call that nothing was measured of has no score', () => {
  expect(new CallRecord(1_000).summarize(of)).toMatchObject({ durationMs: 60_000, score: undefined, badSeconds: 0 });
});

test('a call is summed up by its worst, its tenth and its middle interval', () => {
  const record = new CallRecord(1_000);
  for (let index = 1; index <= 20; index++) record.scored(index <= 2 ? 2 : index <= 11 ? 4.1 : 4.8, 5_000);
  expect(record.summarize(of)).toMatchObject({ score: { min: 2, p10: 2, median: 4.1 }, badSeconds: 10 });
});

test('a call of any length takes the same memory for its codecs', () => {
  const record = new CallRecord(0);
  for (let index = 0; index < 100; index++) record.hasCodec(`audio/${index}`);
  record.hasCodec('AUDIO/0');
  expect(record.summarize(of).codecs).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => `audio/${index}`));
});
