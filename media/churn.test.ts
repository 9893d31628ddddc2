import { expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { silentLogger } from '../core/log.ts';
import { eventually } from '../test/support/eventually.ts';
import { createRandom } from '../test/support/random.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { camera, microphone, receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { mediaDefaults, type RunningMedia, startMedia } from '../test/support/start-media.ts';
import { createFloor } from './floor/create-floor.ts';
import { createLayerPolicies } from './layers/create-layer-policies.ts';
import type { RoomMedia } from './media.ts';
import { createCallQuality } from './quality/quality-policy.ts';

const steps = 600;
const mostPeers = 12;

interface Churner {
  readonly id: PeerId;
  readonly transports: string[];
  readonly consumers: string[];
}

/** Everybody can receive everything. */
function isReasonable(error: unknown): boolean {
  return error instanceof AppError && !['INTERNAL', 'CANNOT_CONSUME'].includes(error.reason);
}

/** Does something to a room at every step, and waits for nothing. Answers what was refused. */
async function churn({ media }: RunningMedia, room: RoomMedia, seed: number): Promise<unknown[]> {
  const random = createRandom(seed);
  const roll = (sides: number) => Math.floor(random() * sides);
  const pick = <T>(of: readonly T[]): T | undefined => of[roll(Math.max(of.length, 1))];
  const refused: unknown[] = [];
  const underWay: Promise<unknown>[] = [];
  const tap = room.openTap({ ip: '127.0.0.1', port: 9 });
  let peers: Churner[] = [];

  async function join(): Promise<void> {
    const peer: Churner = { id: createPeerId(), transports: [], consumers: [] };
    peers.push(peer);
    const opusType = 96 + roll(2);
    const payloadTypes = new Map([
      ['audio/opus', opusType],
      ['video/VP8', 100],
    ]);
    const byOffer = { direction: 'recv', rtpCapabilities: media.rtpCapabilities, payloadTypes } as const;
    const sending = sendTransport(room, peer.id);
    const made = [sending, receiveTransport(room, peer.id, media.rtpCapabilities)];
    made.push(room.createTransport(peer.id, byOffer).then(({ transportId }) => transportId));
    for (const one of made)
      underWay.push(one.then((id) => peer.transports.push(id)).catch((error) => refused.push(error)));
    const transportId = await sending;
    await room.produce(peer.id, microphone(transportId));
    await room.produce(peer.id, camera(transportId, 3));
  }

  async function receive({ id, transports, consumers }: Churner): Promise<void> {
    const transportId = pick(transports);
    const producerId = pick(room.allProducers())?.producer.producerId;
    if (transportId === undefined || producerId === undefined) return;
    const view = { width: 160, height: 90, hidden: roll(3) === 0 };
    const { consumerId } = await room.consume(id, { transportId, producerId, view });
    consumers.push(consumerId);
    await room.resumeConsumer(id, consumerId);
  }

  async function kill(most: number): Promise<void> {
    for (const { pid } of (await media.stats()).workers.slice(0, most)) process.kill(pid, 'SIGKILL');
  }

  async function step(): Promise<void> {
    const what = roll(24);
    const peer = pick(peers);
    const sent = pick(room.allProducers());
    if (what < 4 && peers.length < mostPeers) return join();
    if (!peer) return;
    const consumerId = pick(peer.consumers) ?? '';
    const transportId = pick(peer.transports) ?? '';
    const producerId = sent?.producer.producerId ?? '';
    if (what < 13) return receive(peer);
    if (what === 13) room.closeConsumer(peer.id, consumerId);
    if (what === 14)
      room.setConsumerView(peer.id, consumerId, { width: 160, height: roll(900), hidden: roll(2) === 0 });
    if (what === 15) room.reportStall(peer.id, consumerId);
    if (what === 16) room.closeTransport(peer.id, transportId);
    if (what === 17 && sent) room.closeProducer(sent.peerId, producerId);
    if (what === 18) return room.muteProducer(producerId, { muted: roll(2) === 0, lock: roll(2) === 0 });
    if (what === 19) await (await tap.add(producerId)).resume();
    if (what === 20) (await tap.add(producerId)).close();
    if (what === 21 && roll(20) === 0) return kill(1 + roll(2));
    if (what < 22) return;
    peers = peers.filter((other) => other !== peer);
    room.removePeer(peer.id);
  }

  for (let count = 0; count < steps; count += 1) {
    underWay.push(step().catch((error) => refused.push(error)));
    // So that answers come in between, at times of their own.
    if (roll(2) === 0) await new Promise((resolve) => setImmediate(resolve));
    if (roll(20) === 0) await media.stats();
  }
  await Promise.all(underWay);
  tap.close();
  for (const { id } of peers) room.removePeer(id);
  return refused;
}

test.skipIf(!requireOrSkip('mediasoup'))(
  'whatever comes at once, workers that die too, is done or refused with a reason, and nothing is left behind',
  { timeout: 120_000 },
  async () => {
    const failures: unknown[] = [];
    const log = { ...silentLogger, error: (...entry: unknown[]) => failures.push(entry) };
    const layers = createLayerPolicies({ clock: systemClock, options: mediaDefaults });
    const floor = createFloor({ log });
    const { policy: quality } = createCallQuality({ reportIntervalMs: 200 });
    await using running = await startMedia(
      { workers: 2, dynacast: true, loudestSpeakers: 2 },
      { log, policies: [floor.policy, ...layers.policies, quality], placementLimits: { fullAt: 0, minGain: 0 } },
    );
    for (const seed of [7, 11, 99]) {
      const room = running.media.openRoom(`room ${seed}`);
      const refused = await churn(running, room, seed);
      expect(refused.filter((error) => !isReasonable(error))).toEqual([]);
      expect(running.media.placementStats().pipes).toBe(0);
      expect([layers.stats.hidden, floor.stats().heldConsumers]).toEqual([0, 0]);
      // A worker may still be dying.
      const count = () => running.countInWorkers().catch(() => undefined);
      await eventually(async () => {
        const left = await count();
        return left && left.producers + left.consumers === 0;
      }, 'nothing is left');
      room.close();
    }
    await floor.close();
    expect(failures.filter((entry) => !JSON.stringify(entry).includes('media worker died'))).toEqual([]);
  },
);
