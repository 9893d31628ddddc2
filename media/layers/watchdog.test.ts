import { beforeEach, describe, expect, test } from 'vitest';
import type { TrackSample } from '../engine.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { ada, ben, type LayerRoom, openLayerRoom } from './testing/layer-room.ts';
import { createWatchdog } from './watchdog.ts';

let stats: LayerStats;
let open: LayerRoom;
let producer: RoomProducer;
let consumer: RoomConsumer;
let restarted: string[];

beforeEach(async () => {
  stats = createLayerStats();
  open = openLayerRoom(createWatchdog(stats));
  restarted = [];
  open.room.events.on('consumerClosed', ({ consumerId, reason }) => restarted.push(`${consumerId} ${reason}`));
  producer = await open.send(ada);
  consumer = await open.receive(ben, producer);
  open.takeAsked();
});

function sampleOf(packets: number): TrackSample {
  const rest = { bytes: 0, lost: 0, jitterMs: 0, rttMs: 1, nacks: 0, plis: 0, score: 10 };
  return { packets, ...rest };
}

/** An interval in which so many packets came and so many went out. */
async function pass({ received = 100, sent = 0, of = consumer } = {}): Promise<void> {
  open.clock.advance(2_000);
  const tell = (track: RoomProducer | RoomConsumer, packets: number) =>
    open.tellSampled({
      track,
      samples: [sampleOf(packets)],
      before: { samples: [sampleOf(0)], intervalMs: 2_000 },
    });
  tell(producer, received);
  tell(of, sent);
  await answered();
}

/** What the engine was asked for is there. */
const answered = () => new Promise((resolve) => setImmediate(resolve));

async function stall(): Promise<void> {
  open.room.reportStall(ben, consumer.id);
  await answered();
}

describe('a track that should flow and does not', () => {
  test('is mended by one step with each reading, from the second on', async () => {
    await pass();
    expect(open.takeAsked()).toEqual([]);
    await pass();
    expect(open.takeAsked()).toEqual(['keyFrame']);
    await pass();
    expect(open.takeAsked()).toEqual(['layers 0 0', 'keyFrame']);
    await pass();
    expect(open.takeAsked()).toEqual(['layers 2 0', 'pause', 'resume']);
    expect(restarted).toEqual([]);
    await pass();
    expect(restarted).toEqual([`${consumer.id} restart`]);
    expect(stats.mended).toEqual({ keyFrame: 1, lowerLayers: 1, hold: 1, restart: 1 });
  });

  test('that flows again is left alone, and mended from the start when it stops again', async () => {
    for (let round = 0; round < 3; round += 1) await pass();
    await pass({ sent: 50 });
    open.takeAsked();
    await pass();
    await pass();
    expect(open.takeAsked()).toEqual(['keyFrame']);
  });

  test('is mended too after its client was away for a moment, and not while it is', async () => {
    const { id } = consumer.transport;
    open.engine.setConnectivity(id, 'lost');
    for (let round = 0; round < 6; round += 1) await pass();
    expect(open.takeAsked()).toEqual([]);
    open.engine.setConnectivity(id, 'up');
    await pass();
    await pass();
    expect(open.takeAsked()).toEqual(['keyFrame']);
  });

  test('is started over three times a minute at most', async () => {
    for (let round = 0; round < 4; round += 1) {
      const current = round === 0 ? consumer : await open.receive(ben, producer);
      for (let reading = 0; reading < 5; reading += 1) await pass({ of: current });
    }
    expect(restarted).toHaveLength(3);
  });
});

describe('nothing is mended of a track', () => {
  const expectNothing = async () => {
    for (let round = 0; round < 6; round += 1) await pass();
    expect([open.takeAsked().filter((asked) => asked === 'keyFrame'), restarted]).toEqual([[], []]);
  };

  test('whose owner paused it', async () => {
    await open.room.pauseConsumer(ben, consumer.id);
    await expectNothing();
  });

  test('that the path has no room for', async () => {
    open.engine.leavesOut = true;
    await expectNothing();
    await stall();
    expect(open.takeAsked()).toEqual([]);
    open.engine.leavesOut = false;
    await pass();
    expect(open.takeAsked()).toEqual(['keyFrame']);
  });

  test('that its sender paused', async () => {
    await open.room.pauseProducer(ada, producer.id);
    await expectNothing();
  });

  test('that is held back', async () => {
    consumer.hold('floor', true);
    await expectNothing();
  });

  test('of which hardly anything comes in', async () => {
    for (let round = 0; round < 6; round += 1) await pass({ received: 3 });
    expect(open.takeAsked()).toEqual([]);
  });
});

describe('a client that decodes nothing', () => {
  test('of what flows gets a key frame, and more when it says so again', async () => {
    await pass({ sent: 100 });
    await stall();
    expect(open.takeAsked()).toEqual(['keyFrame']);
    await pass({ sent: 100 });
    await stall();
    expect(open.takeAsked()).toEqual(['layers 0 0', 'keyFrame']);
  });

  test('is not left with the lowest layer, however fast it says so', async () => {
    await pass({ sent: 100 });
    for (let report = 0; report < 3; report += 1) await stall();
    expect(open.takeAsked()).toEqual(['keyFrame', 'layers 0 0', 'keyFrame', 'layers 2 0', 'pause', 'resume']);
  });

  test('of what does not come in gets no more than a key frame', async () => {
    for (let round = 0; round < 6; round += 1) await stall();
    expect(open.takeAsked()).toEqual(Array.from({ length: 6 }, () => 'keyFrame'));
    expect(restarted).toEqual([]);
  });

  test('of what it paused gets nothing', async () => {
    await open.room.pauseConsumer(ben, consumer.id);
    open.takeAsked();
    await stall();
    expect(open.takeAsked()).toEqual([]);
  });
});
