// The least of a client: calls in JSON-RPC over one WebSocket. The SDK would add its own time to what is measured.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { MethodName, Methods } from '../../proto/gen/types.ts';

export interface RoomClient {
  /** @throws {Error} with the server's reason. */
  call<Name extends MethodName>(method: Name, params: Methods[Name]['init']): Promise<Methods[Name]['response']>;
  close(): void;
}

interface Answer {
  readonly id?: number;
  /** Of an event. */
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly reason?: string } };
}

/** Resolves when the WebSocket is open. `onEvent` hears of each event. */
export async function openRoomClient(
  url: string,
  onEvent: (name: string, event: unknown) => void = () => {},
): Promise<RoomClient> {
  const socket = new WebSocket(url, 'parley.v1.json', { perMessageDeflate: false });
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (reason: Error) => void }>();
  let nextId = 1;
  socket.on('message', (data: Buffer) => {
    const { id, result, error, method, params } = JSON.parse(data.toString()) as Answer;
    if (id === undefined) {
      if (method !== undefined) onEvent(method, params);
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new Error(`${error.data?.reason}: ${error.message}`));
    else call?.resolve(result as never);
  });
  socket.on('close', (code, reason) => {
    for (const { reject } of waiting.values()) reject(new Error(`The connection was closed: ${code} ${reason}`));
    waiting.clear();
  });
  await once(socket, 'open');
  return {
    call(method, params) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      });
    },
    close: () => socket.close(1000),
  };
}
