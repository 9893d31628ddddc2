import { beforeEach, describe, expect, test } from 'vitest';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import { createDynacast } from './dynacast.ts';
import { createLayerPolicy } from './layer-policy.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { ada, ben, cleo, type LayerRoom, openLayerRoom } from './testing/layer-room.ts';

let stats: LayerStats;
let open: LayerRoom;
let producer: RoomProducer;

const small = { width: 320, height: 180, hidden: false };
const large = { width: 1280, height: 720, hidden: false };
const hidden = { width: 0, height: 0, hidden: true };

beforeEach(async () => {
  stats = createLayerStats();
  open = openLayerRoom(createLayerPolicy(), createDynacast(stats));
  producer = await open.send(ada);
});

const told = () => open.told.map(([, layer]) => layer);

describe('a sender is told', () => {
  test('the highest layer that anybody shows', async () => {
    const [bens, cleos] = [await open.receive(ben, producer), await open.receive(cleo, producer)];
    open.room.setConsumerView(ben, bens.id, small);
    open.clock.advance(20_000);
    expect(told()).toEqual([]);
    open.room.setConsumerView(cleo, cleos.id, small);
    open.clock.advance(4_000);
    open.room.setConsumerView(cleo, cleos.id, large);
    expect(told()).toEqual([0, 2]);
    expect(open.room.wantedLayerOf(producer.id)).toBe(2);
    expect(stats.wanted).toEqual({ up: 1, down: 1 });
  });

  test('that nobody shows it, and at once that somebody does', async () => {
    const consumer = await open.receive(ben, producer);
    open.room.setConsumerView(ben, consumer.id, hidden);
    open.clock.advance(10_000);
    open.room.setConsumerView(ben, consumer.id, small);
    expect(told()).toEqual([-1, 0]);
  });

  test('that nobody receives it any more', async () => {
    const consumer = await open.receive(ben, producer);
    open.clock.advance(20_000);
    open.room.closeConsumer(ben, consumer.id);
    open.clock.advance(10_000);
    expect(told()).toEqual([-1]);
  });

  test('nothing while its track is paused', async () => {
    const consumer = await open.receive(ben, producer);
    await open.room.pauseProducer(ada, producer.id);
    open.room.setConsumerView(ben, consumer.id, hidden);
    open.clock.advance(60_000);
    expect(told()).toEqual([]);
    await open.room.resumeProducer(ada, producer.id);
    open.clock.advance(10_000);
    expect(told()).toEqual([-1]);
  });

  test('to send all of what is read whole', async () => {
    const end = producer.readWhole();
    open.clock.advance(60_000);
    expect(told()).toEqual([]);
    end();
    end();
    open.clock.advance(10_000);
    const again = producer.readWhole();
    expect(told()).toEqual([-1, 2]);
    again();
  });

  test('to send all of what is tapped, until the tap is closed', async () => {
    const tap = open.room.openTap({ ip: '127.0.0.1', port: 9 });
    await tap.add(producer.id);
    open.clock.advance(60_000);
    expect(told()).toEqual([]);
    tap.close();
    open.clock.advance(10_000);
    expect(told()).toEqual([-1]);
  });

  test('nothing for a tap that closes while the track is being taken', async () => {
    const tap = open.room.openTap({ ip: '127.0.0.1', port: 9 });
    const adding = tap.add(producer.id);
    tap.close();
    await expect(adding).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    open.clock.advance(10_000);
    expect(told()).toEqual([-1]);
  });

  test('nothing of limits that are the way’s and not the client’s', async () => {
    const consumer = await open.receive(ben, producer);
    consumer.limit('loss', { spatialLayer: 0, temporalLayer: undefined });
    consumer.hold('mend', true);
    open.room.setConsumerView(ben, consumer.id, large);
    open.clock.advance(60_000);
    expect(told()).toEqual([]);
  });

  test('nothing once its track ended', async () => {
    open.room.closeProducer(ada, producer.id);
    open.clock.advance(60_000);
    expect(told()).toEqual([]);
    expect(open.clock.pendingTimers).toBe(0);
  });
});

test('whoever shows a layer that comes back asks for a key frame while it gets a lower one', async () => {
  const consumer: RoomConsumer = await open.receive(ben, producer);
  open.room.setConsumerView(ben, consumer.id, small);
  open.clock.advance(20_000);
  open.room.setConsumerView(ben, consumer.id, large);
  open.takeAsked();
  open.clock.advance(300);
  expect(open.takeAsked()).toEqual(['keyFrame']);
  consumer.layersNow = { spatialLayer: 2, temporalLayer: 2 };
  open.clock.advance(700);
  expect(open.takeAsked()).toEqual([]);
});
