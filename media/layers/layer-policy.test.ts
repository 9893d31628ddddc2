import { beforeEach, describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import { createLayerPolicy } from './layer-policy.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { ada, ben, cleo, type LayerRoom, openLayerRoom } from './testing/layer-room.ts';

let stats: LayerStats;
let open: LayerRoom;
let producer: RoomProducer;
let consumer: RoomConsumer;

beforeEach(async () => {
  stats = createLayerStats();
  open = openLayerRoom(createLayerPolicy(stats));
  producer = await open.send(ada);
  consumer = await open.receive(ben, producer);
  open.endTurn();
  open.takeAsked();
});

const show = (height: number, { hidden = false, of = consumer } = {}) =>
  open.room.setConsumerView(ben, of.id, { width: (height * 16) / 9, height, hidden });

describe('what a client shows', () => {
  test('decides the layer that it gets', () => {
    show(180);
    show(360);
    show(1_080);
    expect(open.takeAsked()).toEqual(['layers 0 undefined', 'layers 1 undefined', 'layers 2 0']);
  });

  test('is not exceeded by what its owner prefers, nor the other way round', async () => {
    await open.room.setPreferredLayers(ben, consumer.id, { spatialLayer: 1, temporalLayer: undefined });
    show(1_080);
    show(180);
    expect(open.takeAsked()).toEqual(['layers 1 undefined', 'layers 0 undefined']);
  });

  test('when it is hidden is not forwarded until it is shown again', () => {
    show(180);
    show(180, { hidden: true });
    show(180);
    expect(open.takeAsked()).toEqual(['layers 0 undefined', 'pause', 'resume']);
  });

  test('is counted while it is hidden, until it ends', () => {
    show(180, { hidden: true });
    show(90, { hidden: true });
    expect(stats.hidden).toBe(1);
    show(180);
    expect(stats.hidden).toBe(0);
    show(180, { hidden: true });
    open.room.close();
    expect(stats.hidden).toBe(0);
  });

  test('is looked at again when its sender says of what size it is', () => {
    show(360);
    open.room.setProducerSize(ada, producer.id, { width: 640, height: 360 });
    expect(open.takeAsked()).toEqual(['layers 1 undefined', 'layers 2 0']);
  });
});

describe('priority', () => {
  let screen: RoomConsumer;
  let other: RoomConsumer;

  beforeEach(async () => {
    screen = await open.receive(ben, await open.send(cleo, { layers: 2, source: 'screen' }));
    other = await open.receive(ben, await open.send(cleo));
    open.takeAsked();
  });

  test('is a screen’s first, then what is shown large', () => {
    show(900, { of: screen });
    show(500);
    show(200, { of: other });
    open.endTurn();
    expect(open.takeAsked().filter((asked) => asked.startsWith('priority'))).toEqual(['priority 10', 'priority 100']);
    show(500, { of: other });
    open.endTurn();
    expect(open.takeAsked().filter((asked) => asked.startsWith('priority'))).toEqual(['priority 10']);
  });

  test('of a large room is told to its worker over several turns', async () => {
    for (let receivers = 0; receivers < 120; receivers += 1) await open.receive(createPeerId(), producer);
    open.endTurn();
    open.endTurn();
    open.endTurn();
    open.takeAsked();
    open.engine.hear(0, [{ producerId: producer.id, levelDbov: -20 }]);
    const counts = Array.from({ length: 4 }, () => {
      open.endTurn();
      return open.takeAsked().filter((asked) => asked === 'priority 20').length;
    });
    expect(counts).toEqual([50, 50, 21, 0]);
  });
});
