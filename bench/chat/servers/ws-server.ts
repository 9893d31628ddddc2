// The `ws` package and a set for each room: `each` sends every message by itself, `batched` what came in one turn of the
// event loop as one frame.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { serve } from './serve.ts';

interface Room {
  readonly members: Set<WebSocket>;
  waiting: string[];
}

serve(async ({ variant }) => {
  const rooms = new Map<string, Room>();
  const due = new Set<Room>();

  function flush(): void {
    for (const room of due) {
      const frame = room.waiting.join('\n');
      room.waiting = [];
      for (const member of room.members) member.send(frame);
    }
    due.clear();
  }

  function deliver(room: Room, data: Buffer): void {
    if (variant === 'each') {
      for (const member of room.members) member.send(data, { binary: false });
      return;
    }
    room.waiting.push(data.toString());
    if (due.size === 0) setImmediate(flush);
    due.add(room);
  }

  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 65_536 });
  server.on('connection', (socket, request) => {
    const path = request.url ?? '/';
    const room = rooms.get(path) ?? { members: new Set(), waiting: [] };
    rooms.set(path, room);
    room.members.add(socket);
    socket.on('message', (data: Buffer) => deliver(room, data));
    socket.on('close', () => room.members.delete(socket));
    socket.on('error', () => {});
  });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
});
