import { beforeEach, describe, expect, test } from 'vitest';
import type { RoomConsumer } from '../room-consumer.ts';
import { createLineRelief, nextLimitMs } from './line-relief.ts';
import { ada, ben, type LayerRoom, openLayerRoom } from './testing/layer-room.ts';

const start = { packets: 1_000, bytes: 1, lost: 100, jitterMs: 0, rttMs: 1, nacks: 0, plis: 0, score: 10 };

let open: LayerRoom;
let camera: RoomConsumer;
let screen: RoomConsumer;

beforeEach(async () => {
  open = openLayerRoom(createLineRelief);
  camera = await open.receive(ben, await open.send(ada));
  screen = await open.receive(ben, await open.send(ada, { source: 'screen', layers: 1 }));
  takeAsked();
});

const takeAsked = () => open.takeAsked().filter((asked) => asked !== 'sample');

async function lose(share: number, { of = camera, packets = 100, score = 2 } = {}): Promise<void> {
  open.tellSampled({ track: of, samples: [start], before: undefined });
  open.engine.consumerSample = { ...start, packets: 1_000 + packets, lost: 100 + share * packets };
  open.engine.setScore(of.engine.id, score);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a line that loses a great deal at once', () => {
  test('carries no pictures for a second, and then the lowest layers for some more', async () => {
    await lose(0.5);
    expect(takeAsked()).toEqual(['pause', 'layers 0 undefined', 'pause']);
    open.clock.advance(1_000);
    expect(takeAsked()).toEqual(['resume', 'resume']);
    open.clock.advance(13_999);
    expect(takeAsked()).toEqual([]);
    open.clock.advance(1);
    expect(takeAsked()).toEqual(['layers 2 0']);
  });

  test('is relieved at the next reading where its score came too soon after the last one', async () => {
    await lose(0.9, { packets: 20 });
    expect(takeAsked()).toEqual([]);
    const sample = { ...start, packets: 1_100, lost: 190, score: 2 };
    open.tellSampled({ track: camera, samples: [sample], before: { samples: [start], intervalMs: 2_000 } });
    expect(takeAsked()).toEqual(['pause', 'layers 0 undefined', 'pause']);
  });

  test('is relieved once for all that goes over it', async () => {
    await lose(0.5);
    takeAsked();
    await lose(0.5, { of: screen });
    open.clock.advance(1_000);
    await lose(0.5);
    expect(takeAsked()).toEqual(['resume', 'resume']);
  });

  test('carries the lowest layer of what is added meanwhile', async () => {
    await lose(0.5);
    const producer = await open.send(ada);
    takeAsked();
    await open.receive(ben, producer);
    expect(takeAsked()).toEqual(['layers 0 undefined', 'resume']);
  });

  test('is not looked at once nothing goes over it', async () => {
    await lose(0.5);
    for (const { id } of [camera, screen]) open.room.closeConsumer(ben, id);
    expect(open.clock.pendingTimers).toBe(0);
  });

  test('is left to other rules where no bandwidth is estimated', async () => {
    const player = await open.receive(ben, camera.producer, { estimates: false });
    takeAsked();
    await lose(0.5, { of: player });
    expect(takeAsked()).toEqual([]);
  });
});

test.each([
  ['little', { share: 0.1 }],
  ['much of a handful of packets', { share: 0.9, packets: 20 }],
  ['much that came when it was sent again', { share: 0.5, score: 7 }],
])('a line that loses %s carries what it did', async (_, { share, ...how }) => {
  await lose(share, how);
  expect(takeAsked()).toEqual([]);
});

test('the lowest layers last the longer the sooner a line is flooded again', () => {
  expect(nextLimitMs(undefined)).toBe(15_000);
  expect(nextLimitMs({ limitMs: 15_000, endedMsAgo: 5_000 })).toBe(30_000);
  expect(nextLimitMs({ limitMs: 31_000, endedMsAgo: 59_000 })).toBe(60_000);
  expect(nextLimitMs({ limitMs: 60_000, endedMsAgo: 61_000 })).toBe(15_000);
});
