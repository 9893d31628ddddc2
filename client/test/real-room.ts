// Clients of a whole server: real signaling, a real media worker, real WebRTC.

import { WebSocket } from 'ws';
import type { Logger } from '../../core/log.ts';
import type { PlacementLimits } from '../../media/choose-place.ts';
import type { PartialConfig } from '../../server/config/schema.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type RunningServer, startServer, type TestClaims } from '../../test/support/start-server.ts';
import {
  type Client,
  type ClientOptions,
  createClient,
  type LocalTrack,
  type RemoteTrack,
  type Room,
} from '../src/index.ts';
import { createWrtcDevice } from './wrtc-device.ts';

export interface Participant extends AsyncDisposable {
  readonly client: Client;
  readonly room: Room;
  /** How often the application was asked for a token. */
  readonly tokensGiven: number;
  /** Tears the connection down, as a network does. */
  cutConnection(): void;
}

export interface RealRoom extends AsyncDisposable {
  readonly server: RunningServer;
  join(claims: TestClaims, options?: Partial<ClientOptions>): Promise<Participant>;
  /** The pid of the media worker that was started last. */
  readonly workerPid: number;
}

export async function startRealRoom(
  config: PartialConfig = {},
  { placementLimits }: { placementLimits?: PlacementLimits } = {},
): Promise<RealRoom> {
  const workerPids: number[] = [];
  const log = listenForWorkers((pid) => workerPids.push(pid));
  const server = await startServer(config, { log, placementLimits });
  const participants: Participant[] = [];
  return {
    server,
    async join(claims, options = {}) {
      const participant = await join(server, claims, options);
      participants.push(participant);
      return participant;
    },
    get workerPid() {
      return workerPids.at(-1) ?? expectWorker();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(participants.map((participant) => participant[Symbol.asyncDispose]()));
      await server.close();
    },
  };
}

async function join(server: RunningServer, claims: TestClaims, options: Partial<ClientOptions>): Promise<Participant> {
  const sockets: WebSocket[] = [];
  class KeptWebSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  let tokensGiven = 0;
  const client = createClient({
    url: server.wsUrl,
    token: () => {
      tokensGiven += 1;
      return server.issueToken(claims);
    },
    webSocket: KeptWebSocket,
    device: createWrtcDevice,
    ...options,
  });
  await client.connect();
  try {
    const room = await client.join('standup');
    return {
      client,
      room,
      get tokensGiven() {
        return tokensGiven;
      },
      cutConnection: () => sockets.at(-1)?.terminate(),
      [Symbol.asyncDispose]: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** What counts the media that passed: frames decoded, energy heard, bytes on their way. */
export async function counters(track: RemoteTrack | LocalTrack) {
  const sums = { framesDecoded: 0, totalAudioEnergy: 0, bytesReceived: 0, bytesSent: 0 };
  const report = await track.getStats();
  report.forEach((entry: Partial<typeof sums>) => {
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += entry[name] ?? 0;
  });
  return sums;
}

/** Waits until what the counter counts goes on from now. */
export async function grows(
  track: RemoteTrack | LocalTrack,
  counter: keyof Awaited<ReturnType<typeof counters>>,
): Promise<void> {
  const before = (await counters(track))[counter];
  await eventually(
    async () => (await counters(track))[counter] > before,
    `${counter} of ${track.source} grows`,
    30_000,
    // Statistics cost the process a lot, and everybody of a test is in it.
    20,
  );
}

/** The remote track of that source, as soon as it is there. `not`: another object than this. */
export function remoteTrack(room: Room, source: RemoteTrack['source'], not?: RemoteTrack): Promise<RemoteTrack> {
  const find = () => [...room.remoteTracks.values()].find((track) => track.source === source && track !== not);
  return eventually(find, `a ${source} track`, 30_000);
}

function listenForWorkers(onStarted: (pid: number) => void): Logger {
  const listen = (fields: object) => {
    if ('workerPid' in fields && typeof fields.workerPid === 'number') onStarted(fields.workerPid);
  };
  const logger: Logger = {
    debug: () => {},
    info: (fields, message) => message === 'media worker started' && listen(fields),
    warn: () => {},
    error: () => {},
    child: () => logger,
  };
  return logger;
}

function expectWorker(): never {
  throw new Error('no media worker was started');
}
