// A media engine without media, for what no real worker does on demand: clients that vanish and routers that fail.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type {
  Connectivity,
  EngineConsumerEvents,
  EngineDataHubEvents,
  EngineNodePipe,
  EngineRouter,
  EngineRouterEvents,
  EngineTransport,
  EngineTransportEvents,
  Layers,
  MediaEngine,
  NodePipeListen,
  PlaceLoad,
  RouterRequest,
  TrackSample,
} from '../../media/engine.ts';
import type { RtpCapabilities, RtpParameters } from '../../proto/gen/types.ts';
import { opusParameters } from './rtp-parameters.ts';

export interface MemoryMediaEngine extends MediaEngine {
  /** Routers that createRouter was asked for. */
  readonly routersAsked: number;
  /** While above 0, createRouter fails and this falls by one. */
  failures: number;
  /** Whether consumers are left out for want of bandwidth. */
  leavesOut: boolean;
  /** What it says of its workers: one at leisure, until a test says otherwise. */
  places: readonly PlaceLoad[];
  /** Ends the router that was made last. */
  killRouter(): void;
  /** Ends all routers of a place, as the death of its worker does. It stays in `places` unless a test takes it out before. */
  killWorker(place: number): void;
  /** What the routers of a place hear from now on; the loudest first. */
  hear(place: number, voices: EngineRouterEvents['voicesHeard']['voices']): void;
  /** What was piped, as in `m3 to place 1`, and `close m3` when it was closed. */
  readonly pipes: readonly string[];
  /** What happened to ends of pipes between nodes, as in `open m1`, `connect m1`, `send m2`, `stop m2`, `receive m2`, `pause m2`, `resume m2`, `end m2` and `close m1`; `hold m2` and `flow m2` of what is sent. */
  readonly nodePipes: readonly string[];
  setConnectivity(transportId: string, connectivity: Connectivity): void;
  /** What it believes that every client can receive, in bit/s. */
  estimate: number;
  /** What every consumer counted. */
  consumerSample: TrackSample | undefined;
  setScore(consumerId: string, score: number): void;
}

/** `onAsked` hears what consumers are asked for, as in `resume` or `layers 1 0`, every `sample` of a track and every `probe`. */
export function createMemoryMediaEngine({
  onAsked,
  idPrefix = 'm',
}: {
  onAsked?: (what: string) => void;
  idPrefix?: string;
} = {}): MemoryMediaEngine {
  const rethrow = (error: unknown) => {
    throw error;
  };
  const transports = new Map<string, Emitter<EngineTransportEvents>>();
  const consumers = new Map<string, Emitter<EngineConsumerEvents>>();
  const layersOf = new Map<string, Layers>();
  const kindOf = new Map<string, 'audio' | 'video'>();
  const parametersOf = new Map<string, RtpParameters>();
  let lastRouter: { readonly events: Emitter<EngineRouterEvents>; readonly workerPid: number } | undefined;
  const routers = new Map<Emitter<EngineRouterEvents>, { readonly place: number; readonly workerPid: number }>();
  const pipes: string[] = [];
  const nodePipes: string[] = [];
  let lastId = 0;
  const nextId = () => {
    lastId += 1;
    return `${idPrefix}${lastId}`;
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
      produce: async ({ kind, rtpParameters }) => {
        const producerId = nextId();
        kindOf.set(producerId, kind);
        parametersOf.set(producerId, rtpParameters);
        const layers = { spatial: rtpParameters.encodings.length, temporal: 1 };
        layersOf.set(producerId, layers);
        return {
          id: producerId,
          layers,
          sample: async () => {
            onAsked?.('sample');
            return [];
          },
          pause: async () => {},
          resume: async () => {},
          close: () => {},
        };
      },
      consume: async ({ producerId, rtpCapabilities }) => {
        const consumerId = nextId();
        const consumerEvents = new Emitter<EngineConsumerEvents>(rethrow);
        consumers.set(consumerId, consumerEvents);
        return {
          id: consumerId,
          rtpParameters: withFeedbackOf(rtpCapabilities, opusParameters()),
          layers: layersOf.get(producerId) ?? { spatial: 1, temporal: 1 },
          events: consumerEvents,
          pause: async () => onAsked?.('pause'),
          resume: async () => onAsked?.('resume'),
          setPreferredLayers: async ({ spatialLayer, temporalLayer }) =>
            onAsked?.(`layers ${spatialLayer} ${temporalLayer}`),
          setPriority: async (priority) => onAsked?.(`priority ${priority}`),
          requestKeyFrame: async () => onAsked?.('keyFrame'),
          isLeftOut: async () => engine.leavesOut,
          sample: async () => {
            onAsked?.('sample');
            return engine.consumerSample;
          },
          close: () => consumers.delete(consumerId),
        };
      },
      produceData: async () => ({ id: nextId(), close: () => {} }),
      consumeData: async () => ({ streamId: 0, close: () => {} }),
      probeBandwidth: async () => {
        onAsked?.('probe');
        return engine.estimate;
      },
      close: () => transports.delete(id),
    };
  }

  async function openNodePipe({ announced: ip }: NodePipeListen): Promise<EngineNodePipe> {
    const keyBase64 = nextId();
    nodePipes.push(`open ${keyBase64}`);
    return {
      end: { ip, port: 1, cryptoSuite: 'AEAD_AES_256_GCM', keyBase64 },
      async connect(other) {
        if (other.cryptoSuite !== 'AEAD_AES_256_GCM') throw new AppError('MEDIA_UNAVAILABLE');
        nodePipes.push(`connect ${keyBase64}`);
      },
      async send(producerId) {
        nodePipes.push(`send ${producerId}`);
        const close = () => nodePipes.push(`stop ${producerId}`);
        return {
          kind: kindOf.get(producerId) ?? 'audio',
          rtpParameters: parametersOf.get(producerId) ?? opusParameters(),
          paused: false,
          pause: async () => void nodePipes.push(`hold ${producerId}`),
          resume: async () => void nodePipes.push(`flow ${producerId}`),
          close,
        };
      },
      async receive({ id, rtpParameters }) {
        if (rtpParameters.codecs.length === 0) throw new AppError('RTP_PARAMETERS_REFUSED', { problem: 'no codec' });
        nodePipes.push(`receive ${id}`);
        const layers = { spatial: rtpParameters.encodings.length, temporal: 1 };
        layersOf.set(id, layers);
        return {
          id,
          layers,
          sample: async () => [],
          pause: async () => void nodePipes.push(`pause ${id}`),
          resume: async () => void nodePipes.push(`resume ${id}`),
          close: () => nodePipes.push(`end ${id}`),
        };
      },
      close: () => nodePipes.push(`close ${keyBase64}`),
    };
  }

  async function createRouter({ place = 0 }: RouterRequest = {}): Promise<EngineRouter> {
    engine.routersAsked += 1;
    if (engine.failures > 0) {
      engine.failures -= 1;
      throw new AppError('MEDIA_UNAVAILABLE');
    }
    const events = new Emitter<EngineRouterEvents>(rethrow);
    const workerPid = 1 + place;
    lastRouter = { events, workerPid };
    routers.set(events, { place, workerPid });
    return {
      workerPid,
      place,
      rtpCapabilities: engine.rtpCapabilities,
      events,
      createTransport,
      canConsume: () => true,
      pipe: async (producerId, to) => {
        pipes.push(`${producerId} to place ${to.place}`);
        return { producerId, close: () => pipes.push(`close ${producerId}`) };
      },
      openNodePipe,
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
      createSource: async () => ({
        id: nextId(),
        selectedProtocol: 'udp',
        target: { ip: '127.0.0.1', port: 1 },
        produce: async ({ kind, rtpParameters }) => {
          const producerId = nextId();
          kindOf.set(producerId, kind);
          parametersOf.set(producerId, rtpParameters);
          return {
            id: producerId,
            layers: { spatial: 1, temporal: 1 },
            sample: async () => [],
            pause: async () => {},
            resume: async () => {},
            close: () => {},
          };
        },
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
      close: () => routers.delete(events),
    };
  }

  const engine = {
    rtpCapabilities: { codecs: [], headerExtensions: [] },
    ready: true,
    announcedAddresses: [],
    places: [{ place: 0, load: 0, routers: 0 }] as readonly PlaceLoad[],
    routersAsked: 0,
    failures: 0,
    leavesOut: false,
    estimate: 1_000_000,
    consumerSample: undefined as TrackSample | undefined,
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
    killRouter: () => lastRouter?.events.emit('died', { workerPid: lastRouter.workerPid }),
    killWorker: (place: number) => {
      for (const [events, router] of [...routers]) {
        if (router.place !== place) continue;
        routers.delete(events);
        events.emit('died', { workerPid: router.workerPid });
      }
    },
    hear: (place: number, voices: EngineRouterEvents['voicesHeard']['voices']) => {
      for (const [events, router] of routers) {
        if (router.place !== place) continue;
        events.emit('voicesHeard', { voices });
        events.emit('speakerChanged', { producerId: voices[0]?.producerId });
      }
    },
    pipes,
    nodePipes,
    setConnectivity: (transportId: string, connectivity: Connectivity) => {
      transports.get(transportId)?.emit('connectivityChanged', { connectivity });
    },
    setScore: (consumerId: string, score: number) => consumers.get(consumerId)?.emit('scoreChanged', { score }),
  } satisfies MemoryMediaEngine;
  return engine;
}

function withFeedbackOf({ codecs }: RtpCapabilities, parameters: RtpParameters): RtpParameters {
  const known = new Set(codecs.flatMap(({ rtcpFeedback }) => rtcpFeedback.map(({ type }) => type)));
  const agreed = parameters.codecs.map((codec) => ({
    ...codec,
    rtcpFeedback: codec.rtcpFeedback.filter(({ type }) => known.has(type)),
  }));
  return { ...parameters, codecs: agreed };
}
