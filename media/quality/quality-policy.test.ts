import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import type { PeerQuality, TrackQuality } from '../../proto/gen/types.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../../test/support/memory-media-engine.ts';
import { camera, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { mediaDefaults } from '../../test/support/start-media.ts';
import { createMedia } from '../create-media.ts';
import type { TrackSample } from '../engine.ts';
import type { RoomMedia } from '../media.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext } from '../room-policy.ts';
import { type CallQuality, createCallQuality } from './quality-policy.ts';

const reportIntervalMs = 5_000;
const capabilities = {
  codecs: [{ kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, parameters: {}, rtcpFeedback: [] }],
  headerExtensions: [],
};
const nothing: TrackSample = {
  packets: 0,
  bytes: 0,
  lost: 0,
  jitterMs: 0,
  rttMs: 20,
  nacks: 0,
  plis: 0,
  score: 10,
};

let clock: FakeClock;
let engine: MemoryMediaEngine;
let quality: CallQuality;
let scored: string[];
let told: PeerQuality[];
let context: PolicyContext;
let tracks: (RoomProducer | RoomConsumer)[];
let counters: Map<RoomProducer | RoomConsumer, TrackSample>;
let room: RoomMedia;
let ada: PeerId;
let ben: PeerId;

beforeEach(() => {
  clock = new FakeClock();
  engine = createMemoryMediaEngine();
  scored = [];
  told = [];
  tracks = [];
  counters = new Map();
  quality = createCallQuality({ reportIntervalMs, onScored: (kind, score) => scored.push(`${kind} ${score >= 4}`) });
  const watching: CreatePolicy = (given) => {
    context = given;
    const remove = (track: RoomProducer | RoomConsumer) => tracks.splice(tracks.indexOf(track), 1);
    return {
      producerAdded: (producer) => tracks.push(producer),
      producerRemoved: remove,
      consumerAdded: (consumer) => tracks.push(consumer),
      consumerRemoved: remove,
      close: () => {},
    };
  };
  const parts = { engine, options: mediaDefaults, clock, log: silentLogger };
  room = createMedia({ ...parts, policies: [watching, quality.policy] }).openRoom('standup');
  room.events.on('qualityChanged', ({ peers }) => told.push(...peers));
  ada = createPeerId();
  ben = createPeerId();
});

/** The memory engine's router knows no header extensions. */
function picture(transportId: string) {
  const request = camera(transportId);
  return { ...request, rtpParameters: { ...request.rtpParameters, headerExtensions: [] } };
}

/** An interval in which tracks carried 500 packets each and lost a share of them. */
function pass(lossOf: (track: RoomProducer | RoomConsumer) => number = () => 0): void {
  for (const track of tracks) {
    const then = counters.get(track) ?? nothing;
    const lost = Math.round(500 * lossOf(track));
    const now = { ...then, packets: then.packets + 500 - lost, bytes: then.bytes + 40_000, lost: then.lost + lost };
    counters.set(track, now);
    context.tellSampled({ track, samples: [now], before: { samples: [then], intervalMs: reportIntervalMs } });
  }
  clock.advance(reportIntervalMs);
}

async function startCall(): Promise<{ producerId: string; consumerId: string }> {
  const { producerId } = await room.produce(ada, picture(await sendTransport(room, ada)));
  const transportId = await receiveTransport(room, ben, capabilities);
  const { consumerId } = await room.consume(ben, { transportId, producerId });
  await room.resumeConsumer(ben, consumerId);
  return { producerId, consumerId };
}

const scoreOf = (peerId: PeerId) => told.findLast((peer) => peer.peerId === peerId)?.score;
const toReport = (track: Partial<TrackQuality>): { tracks: TrackQuality[]; path: 'udp' } => ({
  tracks: [
    {
      producerId: '',
      direction: 'recv',
      bitrate: 0,
      loss: 0,
      jitterMs: 0,
      rttMs: 0,
      freezeMs: 0,
      framesPerSecond: 0,
      score: 5,
      width: 0,
      height: 0,
      ...track,
    },
  ],
  path: 'udp',
});

describe('qualityChanged', () => {
  test('tells who sends and who receives, with the numbers of their tracks', async () => {
    const { producerId } = await startCall();
    pass();
    const track = { producerId, bitrate: 64_000, loss: 0, score: 5 };
    expect(told).toMatchObject([
      { peerId: ada, score: 5, tracks: [{ ...track, direction: 'send' }] },
      { peerId: ben, score: 5, tracks: [{ ...track, direction: 'recv' }] },
    ]);
    expect(room.quality()).toEqual(told);
    expect(scored).toEqual(['video true', 'video true']);
  });

  test('is not told again while nothing changes but half a minute has passed', async () => {
    await startCall();
    for (let interval = 0; interval < 6; interval++) pass();
    expect(told).toHaveLength(2);
    pass();
    expect(told).toHaveLength(4);
  });

  test('tells of whoever loses packets, and of its recovery; of others nothing', async () => {
    await startCall();
    pass();
    pass((track) => (track.peer.id === ben ? 0.2 : 0));
    expect(scoreOf(ben)).toBeLessThan(3.8);
    pass();
    expect(scoreOf(ben)).toBe(5);
    expect(told.filter(({ peerId }) => peerId === ada)).toHaveLength(1);
  });

  test('says that nothing is known once nothing flows', async () => {
    const { producerId } = await startCall();
    pass();
    await room.pauseProducer(ada, producerId);
    pass();
    expect([scoreOf(ada), scoreOf(ben)]).toEqual([0, 0]);
  });

  test('does not speak of whoever has left', async () => {
    await startCall();
    room.removePeer(ben);
    pass();
    expect(told.map(({ peerId }) => peerId)).toEqual([ada]);
    expect(room.quality().map(({ peerId }) => peerId)).toEqual([ada]);
  });

  test('costs no timer in a room where nobody sends', async () => {
    const timers = clock.pendingTimers;
    const { producerId } = await startCall();
    expect(clock.pendingTimers).toBe(timers + 1);
    room.closeProducer(ada, producerId);
    pass();
    expect(clock.pendingTimers).toBe(timers);
  });
});

describe('a report of a client', () => {
  test('of a picture that stood still lowers its own score, and nobody else’s', async () => {
    const { producerId } = await startCall();
    pass();
    room.reportQuality(ben, toReport({ producerId, freezeMs: 4_000 }));
    pass();
    expect(scoreOf(ben)).toBeLessThan(2);
    expect(scoreOf(ada)).toBe(5);
  });

  test('cannot make anything better than it was measured, nor speak for others', async () => {
    const { producerId } = await startCall();
    pass();
    room.reportQuality(ben, toReport({ producerId, direction: 'send', loss: 1 }));
    pass((track) => (track.peer.id === ben ? 0.2 : 0));
    expect(scoreOf(ben)).toBeLessThan(3.8);
    expect(scoreOf(ada)).toBe(5);
  });

  test('is of no weight any more after twenty seconds', async () => {
    const { producerId } = await startCall();
    room.reportQuality(ben, toReport({ producerId, freezeMs: 4_000 }));
    for (let interval = 0; interval < 5; interval++) pass();
    expect(scoreOf(ben)).toBe(5);
  });
});

describe('takeCall()', () => {
  test('sums up the call of a peer that has left, once', async () => {
    const { producerId } = await startCall();
    pass();
    pass((track) => (track.peer.id === ben ? 0.4 : 0));
    room.reportQuality(ben, toReport({ producerId }));
    room.removePeer(ben);
    const call = quality.takeCall(ben);
    expect(call).toMatchObject({ room: 'standup', peerId: ben, path: 'udp', codecs: ['audio/opus'], resets: 0 });
    expect(call?.durationMs).toBe(2 * reportIntervalMs);
    expect(call?.score?.min).toBeLessThan(3);
    expect(call?.badSeconds).toBe(5);
    expect(quality.takeCall(ben)).toBeUndefined();
  });

  test('knows nothing of a peer that neither sent nor received', () => {
    expect(quality.takeCall(createPeerId())).toBeUndefined();
  });

  test('forgets the calls of a room that closed', async () => {
    await startCall();
    room.close();
    expect([quality.takeCall(ada), quality.takeCall(ben)]).toEqual([undefined, undefined]);
  });

  test('counts the workers that died under it', async () => {
    await startCall();
    const reset = new Promise((resolve) => room.events.once('reset', resolve));
    engine.killRouter();
    await reset;
    expect(quality.takeCall(ada)).toMatchObject({ resets: 1 });
  });
});
