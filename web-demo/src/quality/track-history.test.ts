import type { TrackQuality } from '@parley/client';
import { expect, test } from 'vitest';
import { type Histories, withMeasured } from './track-history.ts';

const track = (producerId: string, bitrate: number): TrackQuality => ({
  producerId,
  direction: 'recv',
  bitrate,
  loss: 0,
  jitterMs: 0,
  rttMs: 0,
  freezeMs: 0,
  framesPerSecond: 0,
  score: 0,
  width: 0,
  height: 0,
});

test('a history has the last five minutes of a track', () => {
  let histories: Histories = new Map();
  for (let index = 1; index <= 100; index++) histories = withMeasured(histories, [track('a', index)], index * 5_000);
  const history = histories.get('recv a');
  expect(history?.times).toHaveLength(60);
  expect([history?.values.bitrate[0], history?.values.bitrate.at(-1), history?.latest.bitrate]).toEqual([41, 100, 100]);
});

test('a track that is not measured any more is forgotten after a minute, and not before', () => {
  const first = withMeasured(new Map(), [track('a', 1), track('b', 1)], 5_000);
  const soon = withMeasured(first, [track('b', 2)], 60_000);
  expect([...soon.keys()]).toEqual(['recv a', 'recv b']);
  expect([...withMeasured(soon, [track('b', 3)], 66_000).keys()]).toEqual(['recv b']);
});
