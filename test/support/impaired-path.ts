// A network for UDP with faults of a test's choice: loss, delay, a narrow link, silence, and a client that moves.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createRandom } from './random.ts';

/** Of each direction by itself. What is not named is not done. */
export interface Impairment {
  readonly lossPercent?: number;
  readonly delayMs?: number;
  /** Added to the delay, from 0 to this: packets overtake each other. */
  readonly jitterMs?: number;
  /** A link of this rate with a queue of 200 ms, whose end is dropped. */
  readonly kilobitsPerSecond?: number;
  /** What else is lost on the way to clients. */
  readonly drops?: (packet: Buffer) => boolean;
}

/**
 * Between clients and one UDP port, all on 127.0.0.1:
 * ```ts
 * await using relay = await startImpairedRelay({ lossPercent: 5, delayMs: 200 });
 * relay.target = workerPort; // and the client is told relay.port
 * ```
 */
export interface ImpairedRelay extends AsyncDisposable {
  /** What clients send to. */
  readonly port: number;
  /** The port that is behind it; 0: none yet, and everything is dropped. */
  target: number;
  /** While true, everything that comes is dropped. */
  isCut: boolean;
  /** Replaces what was impaired before. */
  impair(impairment: Impairment): void;
  /** From now on every client sends from another port, as behind another network. What still comes to the last one is lost. */
  moveClients(): void;
}

const queueMs = 200;
/** Packets on their way at once; what comes besides is lost. Delays alone would keep as many as are sent. */
const maxOnTheWay = 10_000;

/** `seed`: the same losses and jitter for the same packets. */
export async function startImpairedRelay(first: Impairment = {}, seed = 1): Promise<ImpairedRelay> {
  const random = createRandom(seed);
  const front = await bind();
  const timers = new Set<NodeJS.Timeout>();
  let impairment = first;
  let up = createLink();
  let down = createLink();
  /** The sockets that stand for clients, by the port that each sends from. */
  let backs = new Map<number, Promise<Socket>>();
  const retired: Promise<Socket>[] = [];

  /** When a packet arrives, in ms from now; undefined: never. */
  const delayOf = (bytes: number, link: { freeAtMs: number }): number | undefined => {
    const { lossPercent = 0, delayMs = 0, jitterMs = 0, kilobitsPerSecond } = impairment;
    if (random() * 100 < lossPercent) return undefined;
    const travelMs = delayMs + random() * jitterMs;
    if (kilobitsPerSecond === undefined) return travelMs;
    const nowMs = performance.now();
    const startMs = Math.max(link.freeAtMs, nowMs);
    if (startMs - nowMs > queueMs) return undefined;
    link.freeAtMs = startMs + (bytes * 8) / kilobitsPerSecond;
    return link.freeAtMs - nowMs + travelMs;
  };
  const pass = (bytes: number, link: { freeAtMs: number }, send: () => void): void => {
    const delayMs = relay.isCut ? undefined : delayOf(bytes, link);
    if (delayMs === undefined) return;
    if (delayMs === 0) {
      send();
      return;
    }
    if (timers.size >= maxOnTheWay) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      send();
    }, delayMs);
    timers.add(timer);
  };
  const openBack = async (clientPort: number): Promise<Socket> => {
    const back = await bind();
    back.on('message', (packet) => {
      if (impairment.drops?.(packet)) return;
      pass(packet.byteLength, down, () => front.send(packet, clientPort, '127.0.0.1'));
    });
    return back;
  };
  front.on('message', (packet, { port }) => {
    if (relay.target === 0) return;
    const back = backs.get(port) ?? openBack(port);
    backs.set(port, back);
    pass(packet.byteLength, up, () => {
      back.then((socket) => socket.send(packet, relay.target, '127.0.0.1')).catch(() => {});
    });
  });

  const relay: ImpairedRelay = {
    port: (front.address() as AddressInfo).port,
    target: 0,
    isCut: false,
    impair(next) {
      impairment = next;
      up = createLink();
      down = createLink();
    },
    moveClients() {
      for (const back of backs.values()) {
        retired.push(back);
        void back.then((socket) => socket.removeAllListeners('message'));
      }
      backs = new Map();
    },
    async [Symbol.asyncDispose]() {
      relay.isCut = true;
      for (const timer of timers) clearTimeout(timer);
      for (const socket of await Promise.all([...backs.values(), ...retired])) socket.close();
      front.close();
    },
  };
  return relay;
}

const createLink = () => ({ freeAtMs: 0 });

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  // A client that is gone answers with an ICMP message.
  socket.on('error', () => {});
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
