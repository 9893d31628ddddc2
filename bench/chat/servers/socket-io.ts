// Socket.IO as its documentation tunes it: WebSocket only, no compression, the first request let go of.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions } from 'socket.io';

/** Pings are not part of what is measured. */
const pingMs = 300_000;

const tuned: Partial<ServerOptions> = {
  transports: ['websocket'],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
  pingInterval: pingMs,
  pingTimeout: pingMs,
};

/** Clients join a room, and whoever says something tells everybody in it. Attached to nothing yet. */
export function createSocketIo(more: Partial<ServerOptions> = {}): Server {
  const io = new Server({ ...tuned, ...more });
  io.on('connection', (socket) => {
    socket.on('join', (room: string, done: () => void) => {
      void socket.join(room);
      done();
    });
    socket.on('m', (room: string, text: string, done?: () => void) => {
      io.to(room).emit('m', text);
      done?.();
    });
  });
  return io;
}

/** Of an attached one. */
export function letGoOfRequests(io: Server): void {
  io.engine.on('connection', (raw: { request: unknown }) => {
    raw.request = null;
  });
}

export async function listenOnHttp(io: Server) {
  const http = createServer();
  io.attach(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { port: (http.address() as AddressInfo).port, close: () => void http.close() };
}
