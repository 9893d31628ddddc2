// The clients: raw TCP, frames built beforehand, answers counted by their bytes, so that load costs little beside what it
// measures. Runs as a process of its own.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { clientFrame, opcodes, openRawWebSocket } from '../../test/support/raw-web-socket.ts';
import { answerCalls } from '../support/child-calls.ts';

export interface ConnectOrder {
  /** Names these connections in later orders. */
  readonly group: string;
  readonly port: number;
  /** One for each room, or one alone. `{room}` is its place in this list. */
  readonly paths: readonly string[];
  readonly connectionsPerPath: number;
  readonly subprotocol?: string | undefined;
  /** Each is sent by each connection, and answered before the next. `{room}` and `{client}` in texts are numbers. */
  readonly setup: readonly (string | Uint8Array)[];
}

export interface RunOrder {
  readonly group: string;
  /** What is sent over and over. `{room}` in a text is the room's number. */
  readonly message: string | Uint8Array;
  readonly inFlight: number;
  readonly durationMs: number;
}

export type Load = {
  connect(order: ConnectOrder): Promise<void>;
  /** Every connection sends, and gets its answer. Tells how many answers came. */
  echo(order: RunOrder): Promise<number>;
  /**
   * Somebody in each room sends, everybody receives; with one message in flight the peers take turns, otherwise the first
   * one sends. Tells how many events came, answers not counted.
   */
  fanOut(order: RunOrder): Promise<number>;
};

/** A connection that counts what arrives. */
class Client {
  readonly socket: Socket;
  readonly room: number;
  /** Its place among all of its group. */
  readonly number: number;
  bytes = 0;
  onBytes: () => void = () => {};

  constructor(socket: Socket, room: number, number: number) {
    this.socket = socket;
    this.room = room;
    this.number = number;
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.onBytes();
    });
    socket.on('error', (error) => {
      throw error;
    });
    socket.resume();
  }
}

const groups = new Map<string, Client[]>();
const quietMs = 40;
const quietTimes = 4;
const drainMs = 5_000;

function requireGroup(name: string): Client[] {
  const clients = groups.get(name);
  if (!clients) throw new Error(`no connections are called ${name}`);
  return clients;
}

function buildFrame(message: string | Uint8Array, { room, number }: Client): Buffer {
  if (typeof message !== 'string') return clientFrame(message, opcodes.binary);
  // As long for each.
  const client = String(number).padStart(4, '0');
  return clientFrame(message.replaceAll('{room}', String(room)).replaceAll('{client}', client));
}

/** Nothing came for a while: everything that was under way has arrived. */
async function waitUntilQuiet(clients: readonly Client[]): Promise<void> {
  const count = () => clients.reduce((total, client) => total + client.bytes, 0);
  const endMs = performance.now() + drainMs;
  let before = count();
  for (let quiet = 0; quiet < quietTimes; ) {
    if (performance.now() > endMs) throw new Error(`still receiving after ${drainMs} ms`);
    await delay(quietMs);
    const now = count();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** How many bytes one message brings to its sender and to another one of the room. */
interface BytesEach {
  readonly sender: number;
  readonly other: number;
}

async function calibrate(clients: readonly Client[], message: string | Uint8Array): Promise<BytesEach> {
  const [sender, other] = clients;
  if (!sender) throw new Error('no connections');
  await waitUntilQuiet(clients);
  const [senderBefore, otherBefore] = [sender.bytes, other?.bytes ?? 0];
  sender.socket.write(buildFrame(message, sender));
  await once(sender.socket, 'data');
  await waitUntilQuiet(clients);
  return { sender: sender.bytes - senderBefore, other: (other?.bytes ?? 0) - otherBefore };
}

/** Keeps `inFlight` messages of one client under way; each is over when it brought `bytesEach`. */
function keepSending(client: Client, frame: Buffer, inFlight: number, bytesEach: number): () => void {
  const batches = Array.from({ length: inFlight + 1 }, (_, n) => Buffer.concat(new Array<Buffer>(n).fill(frame)));
  let seen = client.bytes;
  client.onBytes = () => {
    const done = Math.floor((client.bytes - seen) / bytesEach);
    if (done === 0) return;
    seen += done * bytesEach;
    client.socket.write(batches[done] as Buffer);
  };
  client.socket.write(batches[inFlight] as Buffer);
  return () => {
    client.onBytes = () => {};
  };
}

/**
 * One message of a room is under way: when its sender has it back, the next peer sends. That peer may still wait for the
 * events before, so what counts is all that it should have by now.
 */
function takeTurns(peers: readonly Client[], message: RunOrder['message'], { sender, other }: BytesEach): () => void {
  const frames = peers.map((peer) => buildFrame(message, peer));
  const dueBytes = peers.map((peer) => peer.bytes);
  let sent = 0;
  let stopped = false;
  const send = (index: number) => {
    const peer = peers[index];
    if (stopped || !peer) return;
    sent++;
    dueBytes[index] = (dueBytes[index] ?? 0) + sender - other;
    const due = (dueBytes[index] ?? 0) + sent * other;
    peer.onBytes = () => {
      if (peer.bytes < due) return;
      peer.onBytes = () => {};
      send((index + 1) % peers.length);
    };
    peer.socket.write(frames[index] as Buffer);
  };
  send(0);
  return () => {
    stopped = true;
  };
}

/** How many bytes arrived at each client in the time of the order. */
async function countBytes(clients: readonly Client[], durationMs: number, start: () => (() => void)[]) {
  const before = clients.map((client) => client.bytes);
  const stops = start();
  await delay(durationMs);
  for (const stop of stops) stop();
  await waitUntilQuiet(clients);
  return clients.map((client, index) => client.bytes - (before[index] ?? 0));
}

async function echo({ group, message, inFlight, durationMs }: RunOrder): Promise<number> {
  const clients = requireGroup(group);
  const { sender } = await calibrate(clients, message);
  const received = await countBytes(clients, durationMs, () =>
    clients.map((client) => keepSending(client, buildFrame(message, client), inFlight, sender)),
  );
  return received.reduce((total, bytes) => total + Math.round(bytes / sender), 0);
}

async function fanOut({ group, message, inFlight, durationMs }: RunOrder): Promise<number> {
  const clients = requireGroup(group);
  const each = await calibrate(clients, message);
  const rooms = [...new Set(clients.map(({ room }) => room))].map((room) => clients.filter((it) => it.room === room));
  const received = await countBytes(clients, durationMs, () =>
    rooms.map((peers) => {
      const first = peers[0] as Client;
      return inFlight === 1
        ? takeTurns(peers, message, each)
        : keepSending(first, buildFrame(message, first), inFlight, each.sender);
    }),
  );
  // With turns everybody is a sender now and then, and answers are a known share; otherwise senders are left out.
  const counted = received.filter((_, index) => inFlight === 1 || clients[index - 1]?.room === clients[index]?.room);
  const answerShare = inFlight === 1 ? ((each.sender - each.other) * rooms.length) / clients.length : 0;
  const perPeer = counted.reduce((sum, bytes) => sum + bytes, 0) / counted.length / (each.other + answerShare);
  return Math.round(perPeer * clients.length);
}

answerCalls(
  {
    async connect({ group, port, paths, connectionsPerPath, subprotocol, setup }) {
      const clients: Client[] = [];
      for (const [room, path] of paths.entries()) {
        for (let count = 0; count < connectionsPerPath; count++) {
          const socket = await openRawWebSocket({
            port,
            path: path.replace('{room}', String(room)),
            ...(subprotocol === undefined ? {} : { subprotocol }),
          });
          const client = new Client(socket, room, clients.length);
          clients.push(client);
          for (const message of setup) {
            socket.write(buildFrame(message, client));
            await once(socket, 'data');
          }
        }
      }
      groups.set(group, clients);
    },
    echo,
    fanOut,
  } satisfies Load,
  () => {
    for (const clients of groups.values()) for (const { socket } of clients) socket.destroy();
  },
);
