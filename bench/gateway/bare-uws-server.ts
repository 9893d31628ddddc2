// uWebSockets.js with nothing around it: what Parley's gateway is measured against.

import { App, type WebSocket } from 'uWebSockets.js';
import { answerCalls } from '../support/child-calls.ts';
import { listenOnUws } from '../support/listen-uws.ts';
import { answerPing } from './answer-ping.ts';
import type { BenchServer } from './sides.ts';

type Member = { room: Set<WebSocket<Member>> };

const rooms = new Map<string, Set<WebSocket<Member>>>();
let close = () => {};
const decoder = new TextDecoder();

const app = App()
  // The same bytes back, unread.
  .ws('/bytes', {
    maxPayloadLength: 65_536,
    idleTimeout: 960,
    message: (ws, data, isBinary) => {
      ws.send(data, isBinary);
    },
  })
  // The same call as Parley answers, and nothing but that.
  .ws('/rpc', {
    maxPayloadLength: 65_536,
    idleTimeout: 960,
    message: (ws, data) => {
      ws.send(answerPing(decoder.decode(data)));
    },
  })
  // To everyone in the room, the sender included.
  .ws<Member>('/room/:name', {
    maxPayloadLength: 65_536,
    idleTimeout: 960,
    upgrade: (res, req, context) => {
      const name = req.getParameter(0) ?? '';
      const room = rooms.get(name) ?? new Set();
      rooms.set(name, room);
      res.upgrade({ room }, req.getHeader('sec-websocket-key'), '', '', context);
    },
    open: (ws) => {
      ws.getUserData().room.add(ws);
    },
    message: (ws, data, isBinary) => {
      for (const member of ws.getUserData().room) member.send(data, isBinary);
    },
    close: (ws) => {
      ws.getUserData().room.delete(ws);
    },
  });

answerCalls(
  {
    async listen() {
      const listening = await listenOnUws(app);
      close = listening.close;
      return listening.port;
    },
  } satisfies BenchServer,
  () => close(),
);
