// Real media for a test: the engine with its workers on free ports of 127.0.0.1, and a look at what the workers hold.

import type { types } from 'mediasoup';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';
import { type Logger, silentLogger } from '../../core/log.ts';
import type { PlacementLimits } from '../../media/choose-place.ts';
import { createMedia, type EngineMedia } from '../../media/create-media.ts';
import type { Media, RoomMedia, RoomMediaEvents } from '../../media/media.ts';
import type { MediaOptions } from '../../media/media-options.ts';
import { createMediasoupEngine } from '../../media/mediasoup/engine.ts';
import { loadMediasoup } from '../../media/mediasoup/load-mediasoup.ts';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';
import type { OtherNodes } from '../../media/nodes/node-tracks.ts';
import type { CreatePolicy } from '../../media/room-policy.ts';
import type { MediaCalls } from './wrtc-peer.ts';

export interface RunningMedia extends AsyncDisposable {
  readonly media: EngineMedia;
  readonly options: MediaOptions;
  /** What stands in the workers now, by their own account. */
  countInWorkers(): Promise<{ transports: number; producers: number; consumers: number }>;
  /** Whether a worker holds a producer back, by its own account. */
  isPausedInWorker(producerId: string): Promise<boolean | undefined>;
}

export const mediaDefaults: MediaOptions = {
  workers: 1,
  workerBin: '',
  listenIp: '127.0.0.1',
  announcedAddress: '',
  port: 0,
  initialOutgoingBitrate: 1_000_000,
  maxIncomingBitrate: 3_000_000,
  maxTransportsPerPeer: 4,
  maxProducersPerPeer: 8,
  maxConsumersPerPeer: 50,
  loudestSpeakers: 0,
  videoLoadLimit: 1,
  audioLoadLimit: 1,
  dynacast: false,
  statsReadsPerSecond: 200,
  maxDataMessageBytes: 16_384,
  dataMessagesPerSecond: 50,
};

/** Where nodes of a test receive media of each other. */
export const pipeListen = { ip: '127.0.0.1', announced: '127.0.0.1', portMin: 40_000, portMax: 49_999 } as const;

export async function startMedia(
  overrides: Partial<MediaOptions> = {},
  {
    clock = systemClock,
    log = silentLogger,
    policies = [],
    placementLimits,
    onRecovered,
    nodes,
  }: {
    clock?: Clock;
    log?: Logger;
    policies?: readonly CreatePolicy[];
    placementLimits?: PlacementLimits;
    onRecovered?: (seconds: number) => void;
    nodes?: OtherNodes;
  } = {},
): Promise<RunningMedia> {
  const options = { ...mediaDefaults, ...overrides };
  const routers = new Set<types.Router>();
  const producers = new Map<string, types.Producer>();
  const mediasoup = await loadMediasoup(findWorkerBin(options.workerBin));
  const watch = (worker: types.Worker) => {
    worker.observer.on('newrouter', (router) => {
      routers.add(router);
      router.observer.once('close', () => routers.delete(router));
      router.observer.on('newtransport', (transport) => {
        transport.observer.on('newproducer', (producer) => producers.set(producer.id, producer));
      });
    });
  };
  mediasoup.observer.on('newworker', watch);
  const engine = await createMediasoupEngine({ options, clock, log });
  const media = createMedia({
    engine,
    options,
    clock,
    log,
    policies,
    ...(placementLimits && { placementLimits }),
    ...(onRecovered && { onRecovered }),
    nodes,
  });

  async function countInWorkers() {
    const dumps = await Promise.all([...routers].map((router) => router.dump()));
    return {
      transports: dumps.reduce((sum, dump) => sum + dump.transportIds.length, 0),
      producers: dumps.reduce((sum, dump) => sum + dump.mapProducerIdConsumerIds.length, 0),
      consumers: dumps.reduce((sum, dump) => sum + dump.mapConsumerIdProducerId.length, 0),
    };
  }

  return {
    media,
    options,
    countInWorkers,
    isPausedInWorker: async (producerId) => (await producers.get(producerId)?.dump())?.paused,
    async [Symbol.asyncDispose]() {
      mediasoup.observer.off('newworker', watch);
      await media.close();
    },
  };
}

/** The calls of one peer of a room, for createWrtcPeer. */
export function callsOf(media: Media, room: RoomMedia, peerId: PeerId): MediaCalls {
  return {
    routerRtpCapabilities: media.rtpCapabilities,
    createTransport: async (direction, rtpCapabilities) => ({
      ...(await room.createTransport(peerId, { direction, rtpCapabilities })),
      iceServers: [],
      relayOnly: false,
    }),
    connectTransport: (transportId, dtlsParameters) => room.connectTransport(peerId, transportId, dtlsParameters),
    produce: (request) => room.produce(peerId, { ...request, owner: peerId }),
    consume: (request) => room.consume(peerId, request),
    resumeConsumer: (consumerId) => room.resumeConsumer(peerId, consumerId),
  };
}

type Recorded = { [Name in keyof RoomMediaEvents]: { name: Name } & RoomMediaEvents[Name] }[keyof RoomMediaEvents];

const eventNames: readonly (keyof RoomMediaEvents)[] = [
  'producerAdded',
  'producerChanged',
  'producerClosed',
  'consumerClosed',
  'consumerLayersChanged',
  'transportClosed',
  'activeSpeakerChanged',
  'speakersChanged',
  'layerWanted',
  'qualityChanged',
  'reset',
];

/** Everything that a room tells from now on, in order. */
export function recordEvents(room: RoomMedia): Recorded[] {
  const recorded: Recorded[] = [];
  for (const name of eventNames) {
    room.events.on(name, (payload) => recorded.push({ name, ...payload } as Recorded));
  }
  return recorded;
}
