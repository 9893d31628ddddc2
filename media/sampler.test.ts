import { beforeEach, describe, expect, test } from 'vitest';
import { ada, ben, type LayerRoom, openLayerRoom } from './layers/testing/layer-room.ts';
import type { CreatePolicy } from './room-policy.ts';
import { createSamplerPolicy, Sampler } from './sampler.ts';

let sampled: number;
let intervals: (number | undefined)[];
let tracks: string[];
const listening: CreatePolicy = () => ({
  sampled: ({ track, before }) => {
    sampled += 1;
    tracks.push(track.id);
    intervals.push(before?.intervalMs);
  },
  close: () => {},
});

beforeEach(() => {
  sampled = 0;
  intervals = [];
  tracks = [];
});

function openRoom(readsPerSecond: number): LayerRoom {
  // The room's own clock: a sampler of another one would never be told.
  const delayed: CreatePolicy = (context) =>
    createSamplerPolicy(new Sampler({ clock: context.clock, readsPerSecond }))(context);
  return openLayerRoom(listening, delayed);
}

/** Answers of the engine come in turns of their own. */
async function pass(open: LayerRoom, ms: number): Promise<number> {
  for (let passed = 0; passed < ms; passed += 100) {
    open.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return open.takeAsked().filter((asked) => asked === 'sample').length;
}

describe('counters', () => {
  test('of each track are read every two seconds, and told with those before', async () => {
    const open = openRoom(200);
    await open.receive(ben, await open.send(ada));
    expect(await pass(open, 2_000)).toBe(2);
    expect(await pass(open, 4_000)).toBe(4);
    expect([sampled, intervals]).toEqual([6, [undefined, undefined, 2_000, 2_000, 2_000, 2_000]]);
  });

  test('of more tracks than there is time for are read in turn, so many a second', async () => {
    const open = openRoom(5);
    const producer = await open.send(ada);
    for (let index = 0; index < 29; index += 1) await open.receive(ben, producer);
    await pass(open, 1_900);
    expect(await pass(open, 6_000)).toBe(30);
    expect(intervals).toEqual(Array.from({ length: 30 }, () => undefined));
    expect(await pass(open, 6_000)).toBe(30);
    expect(intervals.slice(30)).toEqual(Array.from({ length: 30 }, () => 6_000));
  });

  test('of a track that just changed are read before its turn', async () => {
    const open = openRoom(1);
    const producer = await open.send(ada);
    const consumers = [];
    for (let index = 0; index < 10; index += 1) consumers.push(await open.receive(ben, producer));
    await pass(open, 3_000);
    const changed = consumers[5]!;
    open.room.setConsumerView(ben, changed.id, { width: 1, height: 1, hidden: false });
    expect(tracks).not.toContain(changed.id);
    await pass(open, 2_000);
    expect(tracks).toContain(changed.id);
  });

  test('of tracks that change all the time take no more than half of the readings', async () => {
    const open = openRoom(5);
    const producer = await open.send(ada);
    const consumers = [];
    for (let index = 0; index < 30; index += 1) consumers.push(await open.receive(ben, producer));
    await pass(open, 2_000);
    tracks = [];
    const restless = consumers.slice(0, 20);
    for (let height = 1; height <= 200; height += 1) {
      for (const { id } of restless) open.room.setConsumerView(ben, id, { width: 1, height, hidden: false });
      await pass(open, 100);
    }
    expect(new Set(tracks)).toEqual(new Set([producer, ...consumers].map(({ id }) => id)));
  });

  test('are not read at all with a budget of 0, nor of what is gone', async () => {
    const none = openRoom(0);
    await none.receive(ben, await none.send(ada));
    expect(await pass(none, 5_000)).toBe(0);
    const open = openRoom(200);
    await open.receive(ben, await open.send(ada));
    open.room.close();
    expect(await pass(open, 5_000)).toBe(0);
    expect(open.clock.pendingTimers).toBe(0);
  });
});
