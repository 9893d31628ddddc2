// A client of the SDK as an application has it.

import { WebSocket } from 'ws';
import { type Client, createClient } from '../../client/src/index.ts';
import type { ServerProcess } from '../support/server-process.ts';

/** With short waits. Closing it is the caller's. */
export async function connectSdk(server: ServerProcess, identity: string): Promise<Client> {
  const client = createClient({
    url: server.wsUrl,
    token: () => server.tokenOf(identity),
    webSocket: WebSocket,
    timing: { reconnectBaseMs: 20, reconnectCapMs: 200, retryBaseMs: 20, retryCapMs: 200 },
  });
  await client.connect();
  return client;
}
