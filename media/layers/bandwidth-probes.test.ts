import { beforeEach, expect, test } from 'vitest';
import type { RoomConsumer } from '../room-consumer.ts';
import { createBandwidthProbes } from './bandwidth-probes.ts';
import { ada, ben, type LayerRoom, openLayerRoom } from './testing/layer-room.ts';

let open: LayerRoom;
let consumer: RoomConsumer;

beforeEach(async () => {
  open = openLayerRoom(createBandwidthProbes);
  consumer = await open.receive(ben, await open.send(ada));
});

/** How many probes there were in so many milliseconds. */
async function probesIn(ms: number): Promise<number> {
  open.takeAsked();
  open.clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
  return open.takeAsked().filter((asked) => asked === 'probe').length;
}

function forward(spatialLayer: number, of = consumer): void {
  of.layersNow = { spatialLayer, temporalLayer: 0 };
  open.room.setConsumerView(ben, of.id, { width: 1280, height: 720, hidden: false });
}

test('a client that gets less than it shows is probed as long as that brings more, and then ever less often', async () => {
  open.engine.estimate = 200_000;
  expect(await probesIn(1_999)).toBe(0);
  expect(await probesIn(1)).toBe(1);
  open.engine.estimate = 400_000;
  expect(await probesIn(2_000)).toBe(1);
  expect(await probesIn(2_000)).toBe(1);
  for (const delayMs of [4_000, 8_000, 16_000, 16_000]) {
    expect(await probesIn(delayMs - 1)).toBe(0);
    expect(await probesIn(1)).toBe(1);
  }
  open.engine.estimate = 800_000;
  expect(await probesIn(16_000)).toBe(1);
  expect(await probesIn(2_000)).toBe(1);
});

test('a client that gets all that it shows is not probed, until it gets less again', async () => {
  forward(2);
  expect(await probesIn(60_000)).toBe(0);
  forward(1);
  expect(await probesIn(2_000)).toBe(1);
  await open.room.setPreferredLayers(ben, consumer.id, { spatialLayer: 1, temporalLayer: 0 });
  expect(await probesIn(60_000)).toBe(0);
});

test('for layers that its sender was told to stop a client is not probed', async () => {
  consumer.producer.wantedLayer = 1;
  forward(1);
  expect(await probesIn(60_000)).toBe(0);
});

test('what does not flow is no reason to probe', async () => {
  await open.room.pauseConsumer(ben, consumer.id);
  expect(await probesIn(60_000)).toBe(0);
  await open.room.resumeConsumer(ben, consumer.id);
  await open.room.pauseProducer(ada, consumer.producer.id);
  expect(await probesIn(60_000)).toBe(0);
});

test('a client whose bandwidth is not estimated is not probed', async () => {
  forward(2);
  const player = await open.receive(ben, consumer.producer, { estimates: false });
  forward(0, player);
  expect(await probesIn(60_000)).toBe(0);
});

test('nothing is left of a track that ended', async () => {
  open.room.closeConsumer(ben, consumer.id);
  expect(await probesIn(60_000)).toBe(0);
  expect(open.clock.pendingTimers).toBe(0);
});
