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
  /** Sent over and over. */
  readonly message: string | Uint8Array;
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
const text = 'Shall we look at the second page now? The figures are new.';
/** As long as the event that a message becomes. */
const relayedBytes = 290;

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
const sendChat = json('chat.send', { room: 'room-{room}', text });
const ping = json('session.ping', { payload });

const echoSides: readonly Side[] = [
  { name: 'uWebSockets.js, bytes back unread', server: 'bare-uws', path: '/bytes', setup: [], message: ping },
  { name: 'uWebSockets.js, the same call', server: 'bare-uws', path: '/rpc', setup: [], message: ping },
  { name: 'ws, bytes back unread', server: 'bare-ws', path: '/bytes', setup: [], message: ping },
  { name: 'ws, the same call', server: 'bare-ws', path: '/rpc', setup: [], message: ping },
  { name: 'Parley gateway, JSON', server: 'parley', ...overJson, setup: [], message: ping },
  {
    name: 'Parley gateway, protobuf',
    server: 'parley',
    ...overProtobuf,
    setup: [],
    message: binary('session.ping', { payload }),
  },
  { name: 'Parley with signaling, JSON', server: 'whole', ...overJson, setup: [connect], message: ping },
];

const bareRooms: readonly Side[] = [
  { name: 'uWebSockets.js', server: 'bare-uws', path: '/room/{room}', setup: [], message: 'x'.repeat(relayedBytes) },
  { name: 'ws', server: 'bare-ws', path: '/room/{room}', setup: [], message: 'x'.repeat(relayedBytes) },
];
const gatewayRooms: Side = {
  name: 'Parley gateway, JSON',
  server: 'parley',
  ...overJson,
  setup: [joinRoom],
  message: sendChat,
};

/** The first side is the base of the ratios; in an echo the second one is a base too. Rooms of the whole server: bench/chat.ts. */
export const workloads: readonly Workload[] = [
  { name: 'echo, 1 in flight', kind: 'echo', inFlight: 1, sides: echoSides },
  { name: 'echo, 16 in flight', kind: 'echo', inFlight: 16, sides: echoSides },
  { name: 'rooms of 100, 1 in flight', kind: 'fanOut', inFlight: 1, sides: [...bareRooms, gatewayRooms] },
  { name: 'rooms of 100, 8 in flight', kind: 'fanOut', inFlight: 8, sides: [...bareRooms, gatewayRooms] },
];
