// The `ws` package with nothing around it.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerCalls } from '../support/child-calls.ts';
import { answerPing } from './answer-ping.ts';
import type { BenchServer } from './sides.ts';

const rooms = new Map<string, Set<WebSocket>>();

function serve(socket: WebSocket, path: string): void {
  if (path === '/bytes') socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }));
  else if (path === '/rpc') socket.on('message', (data: Buffer) => socket.send(answerPing(data.toString())));
  else {
    const room = rooms.get(path) ?? new Set();
    rooms.set(path, room.add(socket));
    socket.on('message', (data: Buffer, isBinary) => {
      for (const member of room) member.send(data, { binary: isBinary });
    });
    socket.on('close', () => room.delete(socket));
  }
}

let server: WebSocketServer | undefined;

answerCalls(
  {
    async listen() {
      server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 65_536 });
      server.on('connection', (socket, request) => serve(socket, request.url ?? '/'));
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
  } satisfies BenchServer,
  () => server?.close(),
);
