// A network for media that a test can cut, between a client and the worker's UDP port.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { CreateTransportResponse, IceCandidate } from '../../proto/gen/types.ts';
import { jsonCodec } from '../src/codec/json.ts';
import type { Codec } from '../src/index.ts';

export interface UdpRelay extends AsyncDisposable {
  /** For a client whose media is to go through here: it takes the relay for the server. */
  readonly codec: Codec;
  /** While true, everything that comes is dropped. */
  isCut: boolean;
  /** Transports that the client was given. */
  readonly transports: number;
  /** Times that ICE was restarted. */
  readonly restarts: number;
}

export async function startUdpRelay(): Promise<UdpRelay> {
  const sockets = new Set<Socket>();
  const front = await bind(sockets);
  /** The sockets that stand for the client's, by the port that it sends from: one for each transport. */
  const backs = new Map<number, Promise<Socket>>();
  let workerPort = 0;
  let transports = 0;
  let restarts = 0;

  const openBack = async (clientPort: number): Promise<Socket> => {
    const back = await bind(sockets);
    back.on('message', (packet) => {
      if (!relay.isCut) front.send(packet, clientPort, '127.0.0.1');
    });
    return back;
  };
  front.on('message', (packet, { port }) => {
    if (relay.isCut) return;
    const back = backs.get(port) ?? openBack(port);
    backs.set(port, back);
    back.then((socket) => socket.send(packet, workerPort, '127.0.0.1')).catch(() => {});
  });

  const relay: UdpRelay = {
    isCut: false,
    get transports() {
      return transports;
    },
    get restarts() {
      return restarts;
    },
    codec: {
      ...jsonCodec,
      decode(frame, methodOf) {
        const message = jsonCodec.decode(frame, methodOf);
        const method = message.kind === 'result' ? methodOf(message.id) : undefined;
        if (method === 'media.restartIce') restarts += 1;
        if (message.kind === 'result' && method === 'media.createTransport') {
          const response = message.result as CreateTransportResponse;
          const candidate = response.iceCandidates.find(({ protocol }) => protocol === 'udp') as IceCandidate;
          workerPort = candidate.port;
          transports += 1;
          response.iceCandidates = [
            { ...candidate, address: '127.0.0.1', ip: '127.0.0.1', port: front.address().port },
          ];
        }
        return message;
      },
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(backs.values());
      for (const socket of sockets) socket.close();
    },
  };
  return relay;
}

async function bind(sockets: Set<Socket>): Promise<Socket> {
  const socket = createSocket('udp4');
  sockets.add(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
