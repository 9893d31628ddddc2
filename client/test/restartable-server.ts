// A whole server that stops and starts again on the same folder, behind a network that can be cut.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { silentLogger } from '../../core/log.ts';
import { type App, createApp } from '../../server/app.ts';
import { createConfig } from '../../server/config.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import { startTcpRelay, type TcpRelay } from '../../test/support/tcp-relay.ts';
import { type Client, type ClientOptions, createClient } from '../src/index.ts';
import { quickTiming } from './quick-timing.ts';

export interface RestartableServer extends AsyncDisposable {
  readonly relay: TcpRelay;
  /** Everything in memory is lost; what is on the disk is not. */
  restart(): Promise<void>;
  connect(identity: string, options?: Partial<ClientOptions>): Promise<Client>;
}

export async function startRestartableServer(): Promise<RestartableServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-chat-'));
  const clients: Client[] = [];
  let url = '';
  const start = async (): Promise<App> => {
    const config = createConfig({
      dev: true,
      dataDir,
      gateway: { port: 0 },
      media: { port: 0, workers: 1, listenIp: '127.0.0.1' },
      shutdown: { drainMs: 0 },
    });
    const app = createApp(config, { log: silentLogger });
    ({ url } = await app.start());
    return app;
  };
  let app = await start();
  const relay = await startTcpRelay(url);
  const issuer = createTokenIssuer({ ...loadDevSecret(dataDir), issuer: '', audience: '' });
  const grants = [{ room: '*', can: ['join', 'chat', 'history', 'moderate'] as const }];
  return {
    relay,
    async restart() {
      await app.close();
      app = await start();
      relay.moveTo(url);
    },
    async connect(identity, options = {}) {
      const client = createClient({
        url: `${relay.url.replace('http', 'ws')}/ws`,
        token: () => issuer.issue({ identity, name: identity, metadata: '', grants, ttlSeconds: 3_600 }),
        webSocket: WebSocket,
        timing: { ...quickTiming, reconnectCapMs: 100, callTimeoutMs: 2_000, ...options.timing },
        ...options,
      });
      clients.push(client);
      await client.connect();
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await relay[Symbol.asyncDispose]();
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
