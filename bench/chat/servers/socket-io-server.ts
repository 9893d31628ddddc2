// Socket.IO as its documentation tunes it: WebSocket only, no compression, the first request let go of.

import { App } from 'uWebSockets.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Server, type ServerOptions } from 'socket.io';
import { listenOnUws } from '../../support/listen-uws.ts';
import { serve } from './serve.ts';

/** Pings are not part of what is measured. */
const pingMs = 300_000;

const options: Partial<ServerOptions> = {
  transports: ['websocket'],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
  pingInterval: pingMs,
  pingTimeout: pingMs,
};

serve(async ({ variant, admissionMs = 0 }) => {
  const io = new Server({
    ...options,
    ...(variant === 'recovery'
      ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: false } }
      : {}),
  });
  if (admissionMs > 0) {
    io.use((_socket, next) => {
      void delay(admissionMs).then(() => next());
    });
  }
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
  const { port, close } = variant === 'uws' ? await attachToUws(io) : await listenOnHttp(io);
  io.engine.on('connection', (raw: { request: unknown }) => {
    raw.request = null;
  });
  return { port, close };
});

async function listenOnHttp(io: Server) {
  const http = createServer();
  io.attach(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { port: (http.address() as AddressInfo).port, close: () => void http.close() };
}

async function attachToUws(io: Server) {
  const app = App();
  io.attachApp(app);
  return await listenOnUws(app);
}
