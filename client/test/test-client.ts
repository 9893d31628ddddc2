import { WebSocket } from 'ws';
import { type Client, type ClientEvents, type ClientOptions, createClient } from '../src/index.ts';
import { quickTiming } from './quick-timing.ts';
import type { ScriptedServer } from './scripted-server.ts';

export interface TestClient extends AsyncDisposable {
  readonly client: Client;
  /** Every change of its state. */
  readonly states: ClientEvents['stateChanged'][];
}

/** A client of a scripted server with short waits. Its tokens are `token-0`, `token-1`, … */
export function createTestClient({
  server,
  ...options
}: Partial<ClientOptions> & { readonly server?: ScriptedServer }): TestClient {
  const states: ClientEvents['stateChanged'][] = [];
  let tokens = 0;
  const client = createClient({
    ...(options.urls ? {} : { url: server?.url ?? 'ws://127.0.0.1:9/ws' }),
    token: () => `token-${tokens++}`,
    webSocket: WebSocket,
    ...options,
    timing: { ...quickTiming, ...options.timing },
  });
  client.on('stateChanged', (change) => states.push(change));
  return { client, states, [Symbol.asyncDispose]: () => client.close() };
}
