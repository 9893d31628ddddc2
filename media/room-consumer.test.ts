import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import type { Emitter } from '../core/events.ts';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { silentLogger } from '../core/log.ts';
import { createMemoryMediaEngine } from '../test/support/memory-media-engine.ts';
import { microphone, receiveTransport, sendTransport } from '../test/support/room-media-calls.ts';
import { mediaDefaults } from '../test/support/start-media.ts';
import { createMedia } from './create-media.ts';
import type { EngineConsumerEvents } from './engine.ts';
import type { RoomMedia } from './media.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { CreatePolicy } from './room-policy.ts';

const capabilities = {
  codecs: [{ kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, parameters: {}, rtcpFeedback: [] }],
  headerExtensions: [],
};

/** What a room tells a policy, and the consumers that it was told of. */
let told: string[];
let consumers: RoomConsumer[];
let asked: string[];
let room: RoomMedia;
let ada: PeerId;
let ben: PeerId;

beforeEach(() => {
  told = [];
  consumers = [];
  asked = [];
  const engine = createMemoryMediaEngine({ onAsked: (what) => asked.push(what) });
  const failing: CreatePolicy = () => ({
    consumerAdded: () => {
      throw new Error('not the concern of others');
    },
    close: () => {},
  });
  const recording: CreatePolicy = () => ({
    producerAdded: ({ source }) => told.push(`producerAdded ${source}`),
    producerChanged: ({ info }) => told.push(`producerChanged ${info.paused} ${info.width}`),
    producerRemoved: ({ closed }) => told.push(`producerRemoved ${closed}`),
    consumerAdded: (consumer) => {
      consumers.push(consumer);
      told.push(`consumerAdded ${consumer.view?.height}`);
    },
    consumerChanged: ({ flows, view }) => told.push(`consumerChanged ${flows} ${view?.height}`),
    consumerRemoved: ({ closed }) => told.push(`consumerRemoved ${closed}`),
    consumerStalled: () => told.push('consumerStalled'),
    peerRemoved: () => told.push('peerRemoved'),
    close: () => told.push('close'),
  });
  const parts = { engine, options: mediaDefaults, clock: systemClock, log: silentLogger };
  room = createMedia({ ...parts, policies: [failing, recording] }).openRoom('standup');
  ada = createPeerId();
  ben = createPeerId();
});

async function startConsumer() {
  const { producerId } = await room.produce(ada, microphoneWithoutExtensions(await sendTransport(room, ada)));
  const transportId = await receiveTransport(room, ben, capabilities);
  const view = { width: 320, height: 180, hidden: false };
  const { consumerId } = await room.consume(ben, { transportId, producerId, view });
  const [consumer] = consumers;
  told = [];
  return { producerId, transportId, consumerId, consumer: consumer! };
}

function microphoneWithoutExtensions(transportId: string) {
  const request = microphone(transportId);
  return { ...request, rtpParameters: { ...request.rtpParameters, headerExtensions: [] } };
}

describe('a policy', () => {
  test('is told of all that comes, changes and goes, whatever another policy throws', async () => {
    const { producerId, consumerId } = await startConsumer();
    room.setProducerSize(ada, producerId, { width: 640, height: 360 });
    await room.pauseProducer(ada, producerId);
    room.setConsumerView(ben, consumerId, { width: 64, height: 36, hidden: false });
    room.reportStall(ben, consumerId);
    room.removePeer(ada);
    room.close();
    expect(told).toEqual([
      'producerChanged false 640',
      'producerChanged true 640',
      'consumerChanged false 36',
      'consumerStalled',
      'producerRemoved true',
      'consumerRemoved true',
      'peerRemoved',
      'close',
    ]);
  });

  test('is told that all is removed when the room ends', async () => {
    await startConsumer();
    room.close();
    expect(told).toEqual(['consumerRemoved true', 'producerRemoved true', 'close']);
  });
});

describe('a consumer', () => {
  test('flows when its owner wants it and nobody holds it', async () => {
    const { consumer, consumerId } = await startConsumer();
    consumer.hold('floor', true);
    await room.resumeConsumer(ben, consumerId);
    expect([consumer.flows, asked]).toEqual([false, []]);
    consumer.hold('view', true);
    consumer.hold('floor', false);
    expect(consumer.flows).toBe(false);
    consumer.hold('view', false);
    expect([consumer.flows, asked]).toEqual([true, ['resume']]);
    consumer.hold('mend', true);
    consumer.hold('mend', true);
    expect(asked).toEqual(['resume', 'pause']);
  });

  test('gets the lowest of the layers that it is limited to, and all again when nobody limits it', async () => {
    const { consumer, consumerId } = await startConsumer();
    await room.setPreferredLayers(ben, consumerId, { spatialLayer: 1, temporalLayer: undefined });
    consumer.limit('view', { spatialLayer: 2, temporalLayer: 0 });
    expect(consumer.wantedLayers).toEqual({ spatialLayer: 1, temporalLayer: 0 });
    consumer.limit('loss', { spatialLayer: 0, temporalLayer: undefined });
    consumer.limit('loss', { spatialLayer: 0, temporalLayer: undefined });
    consumer.limit('loss', undefined);
    expect(asked).toEqual(['layers 1 undefined', 'layers 1 0', 'layers 0 0', 'layers 1 0']);
  });

  test('that is gone is asked for nothing', async () => {
    const { consumer, consumerId } = await startConsumer();
    room.closeConsumer(ben, consumerId);
    consumer.hold('floor', true);
    consumer.setPriority(10);
    consumer.limit('view', { spatialLayer: 0, temporalLayer: 0 });
    consumer.requestKeyFrame();
    expect(asked).toEqual([]);
  });

  test('that is gone says nothing of layers any more, though its worker does', async () => {
    const { consumer, consumerId } = await startConsumer();
    const changes: string[] = [];
    room.events.on('consumerLayersChanged', (changed) => changes.push(changed.consumerId));
    const inWorker = consumer.engine.events as Emitter<EngineConsumerEvents>;
    inWorker.emit('layersChanged', { spatialLayer: 1, temporalLayer: 0 });
    room.closeConsumer(ben, consumerId);
    inWorker.emit('layersChanged', { spatialLayer: -1, temporalLayer: -1 });
    expect(changes).toEqual([consumerId]);
    expect(told).toEqual(['consumerChanged false 180', 'consumerRemoved true']);
  });

  test('ends with a transport that its owner closes, of which others are told and the owner is not', async () => {
    const { producerId, transportId, consumerId } = await startConsumer();
    const ended: string[] = [];
    room.events.on('consumerClosed', (closed) => ended.push(closed.consumerId));
    room.events.on('producerClosed', (closed) => ended.push(closed.producerId));
    expect(room.closeTransport(ben, transportId)).toEqual([consumerId]);
    expect(told).toEqual(['consumerRemoved true']);
    expect(ended).toEqual([]);
    expect(() => room.closeTransport(ben, transportId)).toThrow('You have no transport');
    expect(room.allProducers()).toMatchObject([{ peerId: ada, producer: { producerId } }]);
  });
});
