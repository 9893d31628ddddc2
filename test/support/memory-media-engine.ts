// A media engine without media, for what no real worker does on demand: clients that vanish and routers that fail.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type {
  Connectivity,
  EngineConsumerEvents,
  EngineRouter,
  EngineRouterEvents,
  EngineTransport,
  EngineTransportEvents,
  MediaEngine,
} from '../../media/engine.ts';
import { opusParameters } from './rtp-parameters.ts';

export interface MemoryMediaEngine extends MediaEngine {
  /** Routers that createRouter was asked for. */
  readonly routersAsked: number;
  /** While above 0, createRouter fails and this falls by one. */
  failures: number;
  /** Ends the router that was made last. */
  killRouter(): void;
  setConnectivity(transportId: string, connectivity: Connectivity): void;
}

export function createMemoryMediaEngine(): MemoryMediaEngine {
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

  async function createTransport(): Promise<EngineTransport> {
    const id = nextId();
    const events = new Emitter<EngineTransportEvents>(rethrow);
    transports.set(id, events);
    const iceParameters = { usernameFragment: id, password: id, iceLite: true };
    return {
      id,
      iceParameters,
      iceCandidates: [],
      dtlsParameters: { role: 'auto', fingerprints: [] },
      events,
      connect: async () => {},
      restartIce: async () => iceParameters,
      produce: async () => ({ id: nextId(), pause: async () => {}, resume: async () => {}, close: () => {} }),
      consume: async () => ({
        id: nextId(),
        rtpParameters: opusParameters(),
        events: new Emitter<EngineConsumerEvents>(rethrow),
        pause: async () => {},
        resume: async () => {},
        setPreferredLayers: async () => {},
        close: () => {},
      }),
      close: () => transports.delete(id),
    };
  }

  async function createRouter(): Promise<EngineRouter> {
    engine.routersAsked += 1;
    if (engine.failures > 0) {
      engine.failures -= 1;
      throw new AppError('MEDIA_UNAVAILABLE');
    }
    const events = new Emitter<EngineRouterEvents>(rethrow);
    lastRouter = events;
    return { workerPid: 1, events, createTransport, canConsume: () => true, close: () => {} };
  }

  const engine = {
    rtpCapabilities: { codecs: [], headerExtensions: [] },
    ready: true,
    announcedAddresses: [],
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
