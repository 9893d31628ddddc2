// What is measured against what: servers, and what their clients send.

import { encodeMessage } from '../../proto/binary.ts';
import { descriptors } from '../../proto/gen/descriptors.ts';
import type { MethodName } from '../../proto/gen/types.ts';

export type BenchServer = {
  /** The port. */
  listen(): Promise<number>;
};

export const serverNames = ['bare-uws', 'bare-ws', 'parley', 'whole'] as const;
export type ServerName = (typeof serverNames)[number];

/** One row of the table: a server and how its clients speak to it. */
export interface Side {
  readonly name: string;
  readonly server: ServerName;
  /** `{room}` is the room's number. */
  readonly path: string;
  readonly subprotocol?: string;
  /** Sent by each connection before anything is measured, each after the answer to the one before. */
  readonly setup: readonly (string | Uint8Array)[];
  /** Sent over and over; `{fresh}` is another number each time. */
  readonly message: string | Uint8Array;
  /** `texts` where messages differ in length because they are numbered. */
  readonly counts: 'bytes' | 'texts';
}

/** Not every side may be asked for every load. */
export interface Workload {
  readonly name: string;
  readonly kind: 'echo' | 'fanOut';
  readonly inFlight: number;
  readonly sides: readonly Side[];
}

export const echoConnections = 100;
export const rooms = 4;
export const peersPerRoom = 100;

const callId = 1_234_567;
const payload = '0123456789abcdef0123456789abcdef';
/** With the mark by which texts are counted. */
const text = '|Shall we look at the second page now? The figures are new.';
/** As long as the event that a message becomes. */
const relayedBytes = 375;

const json = (method: MethodName, params: object) => JSON.stringify({ jsonrpc: '2.0', id: callId, method, params });
const binary = (method: MethodName, params: object) =>
  encodeMessage('ClientFrame', {
    id: callId,
    method,
    params: encodeMessage(descriptors.methods[method].request, params),
  });

const overJson = { path: '/ws', subprotocol: 'parley.v1.json' } as const;
const overProtobuf = { path: '/ws', subprotocol: 'parley.v1.protobuf' } as const;
const connect = json('session.connect', { token: 'user-{client}' });
const joinRoom = json('room.join', { room: 'room-{room}' });
const sendChat = json('chat.send', { room: 'room-{room}', clientId: '{fresh}', text });
const ping = json('session.ping', { payload });

type EchoSide = Pick<Side, 'name' | 'server' | 'path'> & Partial<Side>;
const echoSides = (
  [
    { name: 'uWebSockets.js, bytes back unread', server: 'bare-uws', path: '/bytes' },
    { name: 'uWebSockets.js, the same call', server: 'bare-uws', path: '/rpc' },
    { name: 'ws, bytes back unread', server: 'bare-ws', path: '/bytes' },
    { name: 'ws, the same call', server: 'bare-ws', path: '/rpc' },
    { name: 'Parley gateway, JSON', server: 'parley', ...overJson },
    {
      name: 'Parley gateway, protobuf',
      server: 'parley',
      ...overProtobuf,
      message: binary('session.ping', { payload }),
    },
    { name: 'Parley with signaling, JSON', server: 'whole', ...overJson, setup: [connect] },
  ] satisfies EchoSide[]
).map((side: EchoSide): Side => ({ setup: [], message: ping, counts: 'bytes', ...side }));

const bareRooms = (['bare-uws', 'bare-ws'] as const).map(
  (server): Side => ({
    name: server === 'bare-uws' ? 'uWebSockets.js' : 'ws',
    server,
    path: '/room/{room}',
    setup: [],
    message: `|${'x'.repeat(relayedBytes - 1)}`,
    counts: 'texts',
  }),
);
const gatewayRooms: Side = {
  name: 'Parley gateway, JSON',
  server: 'parley',
  ...overJson,
  setup: [joinRoom],
  message: sendChat,
  counts: 'texts',
};
const wholeRooms: Side = {
  ...gatewayRooms,
  name: 'Parley with signaling, JSON',
  server: 'whole',
  setup: [connect, joinRoom],
};

/** The first side is the base of the ratios; in an echo the second one is a base too. */
export const workloads: readonly Workload[] = [
  { name: 'echo, 1 in flight', kind: 'echo', inFlight: 1, sides: echoSides },
  { name: 'echo, 16 in flight', kind: 'echo', inFlight: 16, sides: echoSides },
  { name: 'rooms of 100, 1 in flight', kind: 'fanOut', inFlight: 1, sides: [...bareRooms, gatewayRooms, wholeRooms] },
  // Signaling lets one peer send 10 messages a second: eight at once from one is not to be had there.
  { name: 'rooms of 100, 8 in flight', kind: 'fanOut', inFlight: 8, sides: [...bareRooms, gatewayRooms] },
];
