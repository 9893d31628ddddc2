// For tests: a room on the engine without media, with the policies under test, and what its consumers are asked for.

import { FakeClock } from '../../../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../../../core/ids.ts';
import { silentLogger } from '../../../core/log.ts';
import type { DtlsParameters, RtpCapabilities } from '../../../proto/gen/types.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../../../test/support/memory-media-engine.ts';
import { camera, receiveTransport, sendTransport } from '../../../test/support/room-media-calls.ts';
import { mediaDefaults } from '../../../test/support/start-media.ts';
import { createMedia } from '../../create-media.ts';
import type { ProduceRequest, RoomMedia } from '../../media.ts';
import type { RoomConsumer } from '../../room-consumer.ts';
import type { RoomProducer } from '../../room-objects.ts';
import type { CreatePolicy, PolicyContext } from '../../room-policy.ts';

export interface LayerRoom {
  readonly room: RoomMedia;
  readonly clock: FakeClock;
  readonly engine: MemoryMediaEngine;
  /** What consumers were asked for since the last look, as in `layers 0 undefined`. */
  takeAsked(): string[];
  /** What senders were told, as in [producerId, 1]. */
  readonly told: readonly (readonly [string, number])[];
  readonly tellSampled: PolicyContext['tellSampled'];
  /** A camera in three layers, unless something else is said. */
  send(peerId: PeerId, changes?: Partial<ProduceRequest> & { readonly layers?: number }): Promise<RoomProducer>;
  /** Resumed by its owner, over a transport whose client is connected. `estimates`: bandwidth can be, as by default. */
  receive(peerId: PeerId, producer: RoomProducer, options?: { estimates: boolean }): Promise<RoomConsumer>;
  /** Ends the turn: what was put off is done. */
  endTurn(): void;
}

export const ada: PeerId = createPeerId();
export const ben: PeerId = createPeerId();
export const cleo: PeerId = createPeerId();

function capabilities(estimates: boolean): RtpCapabilities {
  const rtcpFeedback = estimates ? [{ type: 'transport-cc', parameter: '' }] : [];
  const codec = { kind: 'video' as const, mimeType: 'video/VP8', clockRate: 90_000, parameters: {}, rtcpFeedback };
  return { codecs: [codec], headerExtensions: [] };
}

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
const dtls: DtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] };

export function openLayerRoom(...policies: CreatePolicy[]): LayerRoom {
  const clock = new FakeClock();
  const asked: string[] = [];
  const deferred: (() => void)[] = [];
  const producers = new Map<string, RoomProducer>();
  const consumers = new Map<string, RoomConsumer>();
  const told: (readonly [string, number])[] = [];
  let context: PolicyContext | undefined;
  const watching: CreatePolicy = (given) => {
    context = given;
    return {
      producerAdded: (producer) => producers.set(producer.id, producer),
      consumerAdded: (consumer) => consumers.set(consumer.id, consumer),
      close: () => {},
    };
  };
  const engine = createMemoryMediaEngine({ onAsked: (what) => asked.push(what) });
  const media = createMedia({
    engine,
    options: { ...mediaDefaults, dynacast: true },
    clock,
    log: silentLogger,
    policies: [watching, ...policies],
    defer: (run) => deferred.push(run),
  });
  const room = media.openRoom('standup');
  room.events.on('layerWanted', ({ producerId, spatialLayer }) => told.push([producerId, spatialLayer]));
  const transports = new Map<string, string>();
  const transportFor = async (peerId: PeerId, estimates: boolean): Promise<string> => {
    const key = `${peerId} ${estimates}`;
    const made = transports.get(key) ?? (await receiveTransport(room, peerId, capabilities(estimates)));
    if (!transports.has(key)) await room.connectTransport(peerId, made, dtls);
    transports.set(key, made);
    return made;
  };
  return {
    room,
    clock,
    engine,
    told,
    takeAsked: () => asked.splice(0),
    tellSampled: (sampled) => context?.tellSampled(sampled),
    async send(peerId, { layers = 3, ...changes } = {}) {
      const request = camera(await sendTransport(room, peerId), layers);
      const rtpParameters = { ...request.rtpParameters, headerExtensions: [] };
      const { producerId } = await room.produce(peerId, { ...request, rtpParameters, ...changes });
      return required(producers.get(producerId));
    },
    async receive(peerId, producer, { estimates } = { estimates: true }) {
      const transportId = await transportFor(peerId, estimates);
      const { consumerId } = await room.consume(peerId, { transportId, producerId: producer.id });
      await room.resumeConsumer(peerId, consumerId);
      return required(consumers.get(consumerId));
    },
    endTurn() {
      for (const run of deferred.splice(0)) run();
    },
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it was not made');
  return value;
}
