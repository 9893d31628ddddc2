import { beforeEach, expect, test } from 'vitest';
import type { RoomConsumer } from '../room-consumer.ts';
import { createLossSteps } from './loss-steps.ts';
import { ada, ben, type LayerRoom, openLayerRoom } from './testing/layer-room.ts';

let open: LayerRoom;
let consumer: RoomConsumer;

beforeEach(async () => {
  open = openLayerRoom(createLossSteps);
  consumer = await open.receive(ben, await open.send(ada), { estimates: false });
  open.takeAsked();
});

const start = { packets: 1_000, bytes: 1, lost: 100, jitterMs: 0, rttMs: 1, nacks: 0, plis: 0, score: 10 };

function lose(share: number, { of = consumer, times = 1, packets = 100 } = {}): void {
  for (let index = 0; index < times; index += 1) {
    open.clock.advance(2_000);
    const before = { samples: [start], intervalMs: 2_000 };
    const sample = { ...start, packets: 1_000 + packets, lost: 100 + share * packets };
    open.tellSampled({ track: of, samples: [sample], before });
  }
}

test('a client that loses much in two readings gets one layer less, down to the lowest', () => {
  lose(0.2);
  expect(open.takeAsked()).toEqual([]);
  lose(0.2);
  expect(open.takeAsked()).toEqual(['layers 1 undefined']);
  lose(0.2, { times: 8 });
  expect(open.takeAsked()).toEqual(['layers 0 undefined']);
});

test('a client that loses next to nothing for ten seconds gets one layer more', () => {
  lose(0.2, { times: 4 });
  open.takeAsked();
  lose(0, { times: 5 });
  expect(open.takeAsked()).toEqual([]);
  lose(0);
  expect(open.takeAsked()).toEqual(['layers 1 undefined']);
  lose(0, { times: 5 });
  expect(open.takeAsked()).toEqual(['layers 2 0']);
});

test('what is lost now and then changes nothing', () => {
  for (let round = 0; round < 5; round += 1) {
    lose(0.2);
    lose(0.05);
  }
  expect(open.takeAsked()).toEqual([]);
});

test('what was lost before, or of a handful of packets, changes nothing', () => {
  open.clock.advance(2_000);
  open.tellSampled({ track: consumer, samples: [{ ...start, lost: 900 }], before: undefined });
  lose(0.5, { times: 5, packets: 6 });
  // What was sent again may come after it was counted as lost.
  lose(-0.5, { times: 5 });
  expect(open.takeAsked()).toEqual([]);
});

test('a client whose bandwidth is estimated is left to that', async () => {
  const estimated = await open.receive(ben, consumer.producer);
  open.takeAsked();
  lose(0.5, { of: estimated, times: 10 });
  expect(open.takeAsked()).toEqual([]);
});
