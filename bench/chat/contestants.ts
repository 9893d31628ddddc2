// Who is measured: servers, each a process of its own, and how their clients speak to them.

import type { DialectName } from './driver/dialects.ts';

/** What a server process is told when it starts. */
export interface ServerSetup {
  readonly variant: string;
  /** Where a log on disk may be. */
  readonly folder: string;
  /** How long letting somebody in takes: tokens are looked up, databases asked. */
  readonly admissionMs?: number;
  /** Where it meets the other nodes. */
  readonly redisUrl?: string;
  /** Of a node. */
  readonly name?: string;
}

export interface Memory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

export type ChatServer = {
  /** The port. */
  listen(setup: ServerSetup): Promise<number>;
  /** After everything that is garbage was collected. */
  memory(): Promise<Memory>;
};

export type ServerModule = 'parley' | 'socket-io' | 'ws' | 'uws';

export interface Contestant {
  readonly name: string;
  readonly title: string;
  readonly module: ServerModule;
  readonly variant: string;
  readonly dialect: DialectName;
}

export const ours = {
  disk: {
    name: 'ours-disk',
    title: 'Parley, SQLite on disk',
    module: 'parley',
    variant: 'disk',
    dialect: 'parley-json',
  },
  memory: {
    name: 'ours-memory',
    title: 'Parley, memory',
    module: 'parley',
    variant: 'memory',
    dialect: 'parley-json',
  },
} satisfies Record<string, Contestant>;

export const oursInProtobuf: Contestant = {
  ...ours.memory,
  name: 'ours-protobuf',
  title: 'Parley, memory, protobuf',
  dialect: 'parley-protobuf',
};

export const peers = {
  socketIo: {
    name: 'socket-io',
    title: 'Socket.IO on ws',
    module: 'socket-io',
    variant: 'ws',
    dialect: 'socket-io',
  },
  socketIoUws: {
    name: 'socket-io-uws',
    title: 'Socket.IO on uWebSockets.js',
    module: 'socket-io',
    variant: 'uws',
    dialect: 'socket-io',
  },
  socketIoRecovery: {
    name: 'socket-io-recovery',
    title: 'Socket.IO on ws, state recovery',
    module: 'socket-io',
    variant: 'recovery',
    dialect: 'socket-io',
  },
  ws: { name: 'ws', title: 'ws', module: 'ws', variant: 'each', dialect: 'bare' },
  wsBatched: { name: 'ws-batched', title: 'ws, a frame per tick', module: 'ws', variant: 'batched', dialect: 'bare' },
  uwsBatched: {
    name: 'uws-batched',
    title: 'uWebSockets.js, a write per tick',
    module: 'uws',
    variant: 'batched',
    dialect: 'bare',
  },
} satisfies Record<string, Contestant>;

/** What the sockets of an acknowledged message cost by themselves. */
export const uwsAcks: Contestant = {
  name: 'uws-acks',
  title: 'uWebSockets.js that answers, delivers and keeps nothing',
  module: 'uws',
  variant: 'acks',
  dialect: 'bare-acks',
};

export const everybody: readonly Contestant[] = [...Object.values(ours), ...Object.values(peers)];
