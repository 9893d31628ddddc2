// uWebSockets.js with a set for each room, and what came in one turn of the event loop in one write for each member. No
// limit on what waits for a slow reader, as in the others. `acks`: the sender also gets the head of its text as an answer.

import { App, type WebSocket } from 'uWebSockets.js';
import { listenOnUws } from '../../support/listen-uws.ts';
import { idDigits } from '../driver/text-id.ts';
import { serve } from './serve.ts';

interface Room {
  readonly members: Set<WebSocket<Member>>;
  waiting: Waiting[];
}
interface Member {
  readonly room: Room;
}
interface Waiting {
  readonly text: string;
  /** Who gets an answer. */
  readonly sender: WebSocket<Member> | undefined;
}

serve(async ({ variant }) => {
  const rooms = new Map<string, Room>();
  const due = new Set<Room>();
  const decoder = new TextDecoder();

  function flush(): void {
    for (const room of due) {
      const { waiting } = room;
      room.waiting = [];
      for (const member of room.members) {
        member.cork(() => {
          for (const { text, sender } of waiting) {
            if (sender === member) member.send(text.slice(0, 1 + idDigits));
            member.send(text);
          }
        });
      }
    }
    due.clear();
  }

  const app = App().ws<Member>('/:room', {
    maxPayloadLength: 65_536,
    maxBackpressure: 1_073_741_824,
    idleTimeout: 960,
    upgrade: (res, req, context) => {
      const name = req.getParameter(0) ?? '';
      const room = rooms.get(name) ?? { members: new Set(), waiting: [] };
      rooms.set(name, room);
      res.upgrade({ room }, req.getHeader('sec-websocket-key'), '', '', context);
    },
    open: (ws) => {
      ws.getUserData().room.members.add(ws);
    },
    message: (ws, data) => {
      const { room } = ws.getUserData();
      room.waiting.push({ text: decoder.decode(data), sender: variant === 'acks' ? ws : undefined });
      if (due.size === 0) setImmediate(flush);
      due.add(room);
    },
    close: (ws) => {
      ws.getUserData().room.members.delete(ws);
    },
  });
  return await listenOnUws(app);
});
