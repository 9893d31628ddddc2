// Who is measured over several nodes: processes of one server that meet in a Redis.

import type { DialectName } from '../chat/driver/dialects.ts';

export interface ClusterContestant {
  readonly name: string;
  readonly title: string;
  readonly module: 'parley' | 'socket-io';
  readonly variant: string;
  readonly dialect: DialectName;
}

export const ours: ClusterContestant = {
  name: 'ours',
  title: 'Parley',
  module: 'parley',
  variant: '',
  dialect: 'parley-json',
};

export const peers = {
  pubSub: {
    name: 'socket-io-redis',
    title: 'Socket.IO, Redis adapter',
    module: 'socket-io',
    variant: 'pubsub',
    dialect: 'socket-io',
  },
  streams: {
    name: 'socket-io-streams',
    title: 'Socket.IO, Redis Streams adapter',
    module: 'socket-io',
    variant: 'streams',
    dialect: 'socket-io',
  },
} satisfies Record<string, ClusterContestant>;

export const everybody: readonly ClusterContestant[] = [ours, ...Object.values(peers)];
