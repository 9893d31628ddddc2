// A media engine without media, for what no real worker does on demand: clients that vanish and routers that fail.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type {
  Connectivity,
  EngineConsumerEvents,
  EngineDataHubEvents,
  EngineRouter,
  EngineRouterEvents,
  EngineTransport,
  EngineTransportEvents,
  MediaEngine,
  PlaceLoad,
  RouterRequest,
} from '../../media/engine.ts';
import { opusParameters } from './rtp-parameters.ts';

export interface MemoryMediaEngine extends MediaEngine {
  /** Routers that createRouter was asked for. */
  readonly routersAsked: number;
  /** While above 0, createRouter fails and this falls by one. */
  failures: number;
  /** What it says of its workers: one at leisure, until a test says otherwise. */
  places: readonly PlaceLoad[];
  /** Ends the router that was made last. */
  killRouter(): void;
  setConnectivity(transportId: string, connectivity: Connectivity): void;
}

/** `onAsked` hears what consumers are asked for, as in `resume` or `layers 1 0`. */
export function createMemoryMediaEngine({ onAsked }: { onAsked?: (what: string) => void } = {}): MemoryMediaEngine {
  const rethrow = (error: unknown) => {
    throw error;
  };
  const transports = new Map<string, Emitter<EngineTransportEvents>>();
  let lastRouter: Emitter<EngineRouterEvents> | undefined;
  let lastId = 0;
  const nextId = () => {
    lastId += 1;
    return `m${lastId}`;
  };

  async function createTransport({ data = false }: { readonly data?: boolean } = {}): Promise<EngineTransport> {
    const id = nextId();
    const events = new Emitter<EngineTransportEvents>(rethrow);
    transports.set(id, events);
    const iceParameters = { usernameFragment: id, password: id, iceLite: true };
    return {
      id,
      iceParameters,
      iceCandidates: [],
      dtlsParameters: { role: 'auto', fingerprints: [] },
      sctpParameters: data
        ? { port: 5000, outgoingStreams: 1024, incomingStreams: 1024, maxMessageSize: 262_144 }
        : undefined,
      selectedProtocol: undefined,
      events,
      connect: async () => {},
      restartIce: async () => iceParameters,
      produce: async ({ rtpParameters }) => ({
        id: nextId(),
        layers: { spatial: rtpParameters.encodings.length, temporal: 1 },
        sample: async () => [],
        pause: async () => {},
        resume: async () => {},
        close: () => {},
      }),
      consume: async () => ({
        id: nextId(),
        rtpParameters: opusParameters(),
        layers: { spatial: 1, temporal: 1 },
        events: new Emitter<EngineConsumerEvents>(rethrow),
        pause: async () => onAsked?.('pause'),
        resume: async () => onAsked?.('resume'),
        setPreferredLayers: async ({ spatialLayer, temporalLayer }) =>
          onAsked?.(`layers ${spatialLayer} ${temporalLayer}`),
        setPriority: async (priority) => onAsked?.(`priority ${priority}`),
        requestKeyFrame: async () => onAsked?.('keyFrame'),
        sample: async () => undefined,
        close: () => {},
      }),
      produceData: async () => ({ id: nextId(), close: () => {} }),
      consumeData: async () => ({ streamId: 0, close: () => {} }),
      close: () => transports.delete(id),
    };
  }

  async function createRouter({ place = 0 }: RouterRequest = {}): Promise<EngineRouter> {
    engine.routersAsked += 1;
    if (engine.failures > 0) {
      engine.failures -= 1;
      throw new AppError('MEDIA_UNAVAILABLE');
    }
    const events = new Emitter<EngineRouterEvents>(rethrow);
    lastRouter = events;
    return {
      workerPid: 1,
      place,
      rtpCapabilities: engine.rtpCapabilities,
      events,
      createTransport,
      canConsume: () => true,
      pipe: async (producerId) => ({ producerId, close: () => {} }),
      createTap: async () => ({
        localPort: 1,
        consume: async () => ({
          id: nextId(),
          rtpParameters: opusParameters(),
          resume: async () => {},
          requestKeyFrame: async () => {},
          close: () => {},
        }),
        close: () => {},
      }),
      createDataHub: async () => ({
        reliableId: nextId(),
        lossyId: nextId(),
        events: new Emitter<EngineDataHubEvents>(rethrow),
        listen: async () => {},
        send: () => {},
        close: () => {},
      }),
      close: () => {},
    };
  }

  const engine = {
    rtpCapabilities: { codecs: [], headerExtensions: [] },
    ready: true,
    announcedAddresses: [],
    places: [{ place: 0, load: 0, routers: 0 }] as readonly PlaceLoad[],
    routersAsked: 0,
    failures: 0,
    whenReady: async () => {},
    drain: () => {},
    createRouter,
    stats: async () => ({
      workers: [],
      workerDeaths: 0,
      receivedPackets: 0,
      receivedBytes: 0,
      forwardedPackets: 0,
      forwardedBytes: 0,
    }),
    close: async () => {},
    killRouter: () => lastRouter?.emit('died', { workerPid: 1 }),
    setConnectivity: (transportId: string, connectivity: Connectivity) => {
      transports.get(transportId)?.emit('connectivityChanged', { connectivity });
    },
  } satisfies MemoryMediaEngine;
  return engine;
}
