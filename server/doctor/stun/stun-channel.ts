import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readStun, type StunMessage, stunLength } from './stun-message.ts';

export interface StunServer {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  /** Each message behind its length, as ICE has it over TCP (RFC 6544 section 3, RFC 4571). TURN needs none. */
  readonly framed?: boolean;
}

/** A way to one server, over which STUN messages go both ways. */
export interface StunChannel extends Disposable {
  /** Sends, over UDP again and again, until an answer to this transaction is there; undefined when none came in time. */
  request(message: Buffer): Promise<StunMessage | undefined>;
  /** The first message that fits, from now on; sends meanwhile as `request` does. */
  exchange(message: Buffer, fits: (message: StunMessage) => boolean): Promise<StunMessage | undefined>;
}

/** RFC 8489 section 6.2.1 starts with 500 ms and doubles; nobody waits for 39.5 s here. */
const resendAfterMs = 500;
const maxStreamBytes = 64 * 1024;
const frameBytes = 2;

/** @throws {Error} of the platform when there is no connection, or no such name, within the time. */
export async function openStunChannel(server: StunServer, timeoutMs: number): Promise<StunChannel> {
  const listeners = new Set<(message: StunMessage) => void>();
  const waiting = new Set<(answer: undefined) => void>();
  const receive = (bytes: Buffer) => {
    const message = readStun(bytes);
    if (message) for (const listener of [...listeners]) listener(message);
  };
  const { send, close } = await (server.transport === 'udp'
    ? openUdp(server, receive)
    : openStream(server, receive, timeoutMs));

  const exchange: StunChannel['exchange'] = (message, fits) =>
    new Promise((resolve) => {
      const finish = (answer: StunMessage | undefined) => {
        clearInterval(resending);
        clearTimeout(ending);
        listeners.delete(listen);
        waiting.delete(finish);
        resolve(answer);
      };
      const listen = (received: StunMessage) => {
        if (fits(received)) finish(received);
      };
      listeners.add(listen);
      waiting.add(finish);
      const resending = setInterval(() => {
        if (server.transport === 'udp') send(message);
      }, resendAfterMs);
      const ending = setTimeout(() => finish(undefined), timeoutMs);
      send(message);
    });

  return {
    exchange,
    request(message) {
      const id = message.subarray(8, 20);
      return exchange(message, ({ transactionId }) => transactionId.equals(id));
    },
    [Symbol.dispose]() {
      for (const finish of [...waiting]) finish(undefined);
      close();
    },
  };
}

interface Line {
  send(message: Buffer): void;
  close(): void;
}

async function openUdp({ host, port }: StunServer, receive: (bytes: Buffer) => void): Promise<Line> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  // A closed port says so by ICMP; that is silence too, and a firewall may say the same of an open one.
  socket.on('error', () => {});
  socket.on('message', receive);
  socket.connect(port, host);
  await once(socket, 'connect').catch((error: unknown) => {
    socket.close();
    throw error;
  });
  return { send: (message) => socket.send(message, () => {}), close: () => void socket.close() };
}

async function openStream(
  { transport, host, port, framed = false }: StunServer,
  receive: (bytes: Buffer) => void,
  timeoutMs: number,
): Promise<Line> {
  const signal = AbortSignal.timeout(timeoutMs);
  const socket: Socket =
    transport === 'tls' ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
  try {
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`);
    throw error;
  }
  socket.on('error', () => {});
  let held = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    const head = framed ? frameBytes : 0;
    const lengthOf = (bytes: Buffer) => stunLength(bytes.subarray(head));
    for (
      let length = lengthOf(held);
      length !== undefined && held.byteLength >= head + length;
      length = lengthOf(held)
    ) {
      receive(held.subarray(head, head + length));
      held = held.subarray(head + length);
    }
    if (held.byteLength > maxStreamBytes) socket.destroy();
  });
  return {
    send: (message) => void socket.write(framed ? Buffer.concat([frameHead(message), message]) : message),
    close: () => socket.destroy(),
  };
}

function frameHead(message: Buffer): Buffer {
  const head = Buffer.alloc(frameBytes);
  head.writeUInt16BE(message.byteLength);
  return head;
}
