// Socket.IO by itself: on ws, on uWebSockets.js, or with the recovery of connections.

import { App } from 'uWebSockets.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from 'socket.io';
import { listenOnUws } from '../../support/listen-uws.ts';
import { serve } from './serve.ts';
import { createSocketIo, letGoOfRequests, listenOnHttp } from './socket-io.ts';

serve(async ({ variant, admissionMs = 0 }) => {
  const io = createSocketIo(
    variant === 'recovery'
      ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: false } }
      : {},
  );
  if (admissionMs > 0) {
    io.use((_socket, next) => {
      void delay(admissionMs).then(() => next());
    });
  }
  const { port, close } = variant === 'uws' ? await attachToUws(io) : await listenOnHttp(io);
  letGoOfRequests(io);
  return { port, close };
});

async function attachToUws(io: Server) {
  const app = App();
  io.attachApp(app);
  return await listenOnUws(app);
}
