// Who speaks is on one router, who listens on the same, on one of another worker, or on one of another node.

import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import type { EngineRouter, EngineTransport, MediaEngine } from '../../media/engine.ts';
import { createMediasoupEngine } from '../../media/mediasoup/engine.ts';
import { createConfig } from '../../server/config.ts';
import type { ForwardingRoom, ForwardingSide } from '../media/forwarding-side.ts';
import { opusRtpParameters } from '../media/opus-stream.ts';

export const crossings = ['the same router', 'another worker', 'another node'] as const;
export type Crossing = (typeof crossings)[number];

/** Brings a producer of the speakers' router to that of the listeners; answers with its name there. */
type Bring = (producerId: string) => Promise<string>;

interface Routers {
  readonly speakers: EngineRouter;
  readonly listeners: EngineRouter;
  readonly bring: Bring;
}

const pipeListen = { ip: '127.0.0.1', announced: '127.0.0.1', portMin: 40_000, portMax: 49_999 };

export async function createCrossingSide(name: Crossing): Promise<ForwardingSide> {
  const workers = name === 'another worker' ? 2 : 1;
  const options = createConfig({ dev: true, media: { workers, port: 0, listenIp: '127.0.0.1' } }).media;
  const engineParts = { options, clock: systemClock, log: silentLogger };
  const engines = [await createMediasoupEngine(engineParts)];
  if (name === 'another node') engines.push(await createMediasoupEngine(engineParts));
  const workerPids = (await Promise.all(engines.map((engine) => engine.stats()))).flatMap((stats) =>
    stats.workers.map(({ pid }) => pid),
  );
  return {
    name,
    workerPids,
    openRoom: async () => toRoom(await openRouters(name, engines)),
    async [Symbol.asyncDispose]() {
      await Promise.all(engines.map((engine) => engine.close()));
    },
  };
}

async function openRouters(name: Crossing, [home, away = home]: readonly MediaEngine[]): Promise<Routers> {
  if (home === undefined || away === undefined) throw new Error('there is no engine');
  const speakers = await home.createRouter({ place: 0 });
  if (name === 'the same router') return { speakers, listeners: speakers, bring: async (producerId) => producerId };
  if (name === 'another worker') {
    const listeners = await home.createRouter({ place: 1 });
    return {
      speakers,
      listeners,
      bring: async (producerId) => (await speakers.pipe(producerId, listeners)).producerId,
    };
  }
  const listeners = await away.createRouter();
  const [near, far] = await Promise.all([speakers.openNodePipe(pipeListen), listeners.openNodePipe(pipeListen)]);
  await Promise.all([near.connect(far.end), far.connect(near.end)]);
  return {
    speakers,
    listeners,
    async bring(producerId) {
      const { kind, rtpParameters, paused } = await near.send(producerId);
      return (await far.receive({ id: producerId, kind, rtpParameters, paused })).id;
    },
  };
}

function toRoom({ speakers, listeners, bring }: Routers): ForwardingRoom {
  const transports = new Map<string, EngineTransport>();
  const brought = new Map<string, Promise<string>>();
  const requireTransport = (id: string) => {
    const transport = transports.get(id);
    if (transport === undefined) throw new Error(`There is no transport ${id}.`);
    return transport;
  };
  return {
    async createTransport(_peer, direction) {
      const transport = await (direction === 'send' ? speakers : listeners).createTransport();
      transports.set(transport.id, transport);
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return { transportId: id, iceParameters, iceCandidates, dtlsParameters };
    },
    connectTransport: (_peer, transportId, dtlsParameters) => requireTransport(transportId).connect(dtlsParameters),
    async produce(_peer, transportId, ssrc) {
      const rtpParameters = opusRtpParameters(ssrc);
      const producer = await requireTransport(transportId).produce({ kind: 'audio', rtpParameters, paused: false });
      return producer.id;
    },
    async consume(_peer, transportId, producerId) {
      const known = brought.get(producerId) ?? bring(producerId);
      brought.set(producerId, known);
      const { rtpCapabilities } = listeners;
      const consumer = await requireTransport(transportId).consume({ producerId: await known, rtpCapabilities });
      await consumer.resume();
    },
  };
}
