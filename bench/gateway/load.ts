// The clients: raw TCP, frames built beforehand, what comes back counted by its bytes or its marked texts, so that load costs
// little beside what it measures. Runs as a process of its own.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { clientFrame, opcodes, openRawWebSocket } from '../../test/support/raw-web-socket.ts';
import { answerCalls } from '../support/child-calls.ts';
import { FrameCounter } from '../support/frame-counter.ts';

export interface ConnectOrder {
  /** Names these connections in later orders. */
  readonly group: string;
  readonly port: number;
  /** One for each room, or one alone. `{room}` is its place in this list. */
  readonly paths: readonly string[];
  readonly connectionsPerPath: number;
  readonly subprotocol?: string | undefined;
  /** `texts`: marked ones are counted, where messages differ in length because they are numbered. */
  readonly counts: 'bytes' | 'texts';
  /** Each is sent by each connection, and answered before the next. `{room}` and `{client}` in texts are numbers. */
  readonly setup: readonly (string | Uint8Array)[];
}

export interface RunOrder {
  readonly group: string;
  /** What is sent over and over. `{room}` in a text is the room's number, `{fresh}` another number each time. */
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
  readonly counts: ConnectOrder['counts'];
  /** Bytes or texts. */
  received = 0;
  onReceived: () => void = () => {};

  constructor(socket: Socket, { room, number, counts }: Pick<Client, 'room' | 'number' | 'counts'>) {
    this.socket = socket;
    this.room = room;
    this.number = number;
    this.counts = counts;
    const frames = new FrameCounter({ onPayload: () => {} });
    socket.on('data', (chunk: Buffer) => {
      if (counts === 'bytes') this.received += chunk.length;
      else {
        frames.push(chunk);
        this.received = frames.deliveries;
      }
      this.onReceived();
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
const freshDigits = 10;
let lastFresh = 0;

function requireGroup(name: string): Client[] {
  const clients = groups.get(name);
  if (!clients) throw new Error(`no connections are called ${name}`);
  return clients;
}

function buildFrame(message: string | Uint8Array, { room, number }: Client): Buffer {
  if (typeof message !== 'string') return clientFrame(message, opcodes.binary);
  // As long for each.
  const client = String(number).padStart(4, '0');
  const text = message.replaceAll('{room}', String(room)).replaceAll('{client}', client);
  return clientFrame(text.replaceAll('{fresh}', () => String(++lastFresh).padStart(freshDigits, '0')));
}

/** Frames of one client that are the same each time are built once. */
function createFrames(message: string | Uint8Array, client: Client): (count: number) => Buffer {
  if (typeof message === 'string' && message.includes('{fresh}')) {
    return (count) => Buffer.concat(Array.from({ length: count }, () => buildFrame(message, client)));
  }
  const frame = buildFrame(message, client);
  const batches: Buffer[] = [];
  return (count) => {
    batches[count] ??= Buffer.concat(new Array<Buffer>(count).fill(frame));
    return batches[count];
  };
}

/** Nothing came for a while: everything that was under way has arrived. */
async function waitUntilQuiet(clients: readonly Client[]): Promise<void> {
  const count = () => clients.reduce((total, client) => total + client.received, 0);
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

/** What one message brings to its sender and to another one of the room. */
interface Each {
  readonly sender: number;
  readonly other: number;
}

async function calibrate(clients: readonly Client[], message: string | Uint8Array): Promise<Each> {
  const [sender, other] = clients;
  if (!sender) throw new Error('no connections');
  await waitUntilQuiet(clients);
  if (sender.counts === 'texts') return { sender: 1, other: 1 };
  const [senderBefore, otherBefore] = [sender.received, other?.received ?? 0];
  sender.socket.write(buildFrame(message, sender));
  await once(sender.socket, 'data');
  await waitUntilQuiet(clients);
  return { sender: sender.received - senderBefore, other: (other?.received ?? 0) - otherBefore };
}

/** Keeps messages of one client under way; each is over when it brought `each`. */
function keepSending(client: Client, { message, inFlight }: RunOrder, each: number): () => void {
  const frames = createFrames(message, client);
  let seen = client.received;
  client.onReceived = () => {
    const done = Math.floor((client.received - seen) / each);
    if (done === 0) return;
    seen += done * each;
    client.socket.write(frames(done));
  };
  client.socket.write(frames(inFlight));
  return () => {
    client.onReceived = () => {};
  };
}

/**
 * One message of a room is under way: when its sender has it back, the next peer sends. That peer may still wait for the
 * events before, so what counts is all that it should have by now.
 */
function takeTurns(peers: readonly Client[], message: RunOrder['message'], { sender, other }: Each): () => void {
  const frames = peers.map((peer) => createFrames(message, peer));
  const dueOfPeers = peers.map((peer) => peer.received);
  let sent = 0;
  let stopped = false;
  const send = (index: number) => {
    const peer = peers[index];
    const frame = frames[index]?.(1);
    if (stopped || !peer || !frame) return;
    sent++;
    dueOfPeers[index] = (dueOfPeers[index] ?? 0) + sender - other;
    const due = (dueOfPeers[index] ?? 0) + sent * other;
    peer.onReceived = () => {
      if (peer.received < due) return;
      peer.onReceived = () => {};
      send((index + 1) % peers.length);
    };
    peer.socket.write(frame);
  };
  send(0);
  return () => {
    stopped = true;
  };
}

/** What arrived at each client in the time of the order. */
async function countReceived(clients: readonly Client[], durationMs: number, start: () => (() => void)[]) {
  const before = clients.map((client) => client.received);
  const stops = start();
  await delay(durationMs);
  for (const stop of stops) stop();
  await waitUntilQuiet(clients);
  return clients.map((client, index) => client.received - (before[index] ?? 0));
}

async function echo(order: RunOrder): Promise<number> {
  const { group, message, durationMs } = order;
  const clients = requireGroup(group);
  const { sender } = await calibrate(clients, message);
  const received = await countReceived(clients, durationMs, () =>
    clients.map((client) => keepSending(client, order, sender)),
  );
  return received.reduce((total, count) => total + Math.round(count / sender), 0);
}

async function fanOut(order: RunOrder): Promise<number> {
  const { group, message, inFlight, durationMs } = order;
  const clients = requireGroup(group);
  const each = await calibrate(clients, message);
  const rooms = [...new Set(clients.map(({ room }) => room))].map((room) => clients.filter((it) => it.room === room));
  const received = await countReceived(clients, durationMs, () =>
    rooms.map((peers) =>
      inFlight === 1 ? takeTurns(peers, message, each) : keepSending(peers[0] as Client, order, each.sender),
    ),
  );
  // With turns everybody is a sender now and then, and answers are a known share; otherwise senders are left out.
  const counted = received.filter((_, index) => inFlight === 1 || clients[index - 1]?.room === clients[index]?.room);
  const answerShare = inFlight === 1 ? ((each.sender - each.other) * rooms.length) / clients.length : 0;
  const perPeer = counted.reduce((sum, count) => sum + count, 0) / counted.length / (each.other + answerShare);
  return Math.round(perPeer * clients.length);
}

answerCalls(
  {
    async connect({ group, port, paths, connectionsPerPath, subprotocol, counts, setup }) {
      const clients: Client[] = [];
      for (const [room, path] of paths.entries()) {
        for (let count = 0; count < connectionsPerPath; count++) {
          const socket = await openRawWebSocket({
            port,
            path: path.replace('{room}', String(room)),
            ...(subprotocol === undefined ? {} : { subprotocol }),
          });
          const client = new Client(socket, { room, number: clients.length, counts });
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
