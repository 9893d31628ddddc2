// A whole server for a test: every real part, on free ports of 127.0.0.1, in a folder of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type Logger, silentLogger } from '../../core/log.ts';
import type { PlacementLimits } from '../../media/choose-place.ts';
import { type App, createApp } from '../../server/app.ts';
import type { ClusterEngines } from '../../server/cluster/engines.ts';
import type { PartialConfig } from '../../server/config/schema.ts';
import { createConfig } from '../../server/config.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import type { GrantName } from '../../signaling/token-verifier.ts';

/**
 * ```ts
 * await using server = await startServer({ rooms: { maxPeers: 2 } });
 * const socket = new WebSocket(server.wsUrl, 'parley.v1.json');
 * const token = server.issueToken({ identity: 'ada', room: 'standup' });
 * ```
 * It runs with `dev` on (`POST /api/v1/tokens` works), listens on 127.0.0.1 with free ports for everything, takes one media
 * worker and keeps its files in a temporary folder that closing removes. The web page is there with `gateway: servingPage`: to
 * read and compress it takes a third of the time that a start does.
 */
export interface RunningServer extends AsyncDisposable {
  /** http://127.0.0.1:41234 */
  readonly url: string;
  /** ws://127.0.0.1:41234/ws */
  readonly wsUrl: string;
  /** ws://127.0.0.1:41234/chat: add `?room=…`. */
  readonly chatUrl: string;
  readonly app: App;
  readonly dataDir: string;
  /** A token of the server's own key. */
  issueToken(claims: TestClaims): string;
  /** Stops everything at once and removes the folder. Closing twice does nothing. */
  close(): Promise<void>;
}

export interface TestClaims {
  readonly identity: string;
  /** The room that the grants are for, `*` for all of them (the default). */
  readonly room?: string;
  /** Everything except `moderate` by default; `publish` stands for its four. */
  readonly can?: readonly (GrantName | 'publish')[];
  readonly name?: string;
  readonly metadata?: string;
  /** An hour by default; negative for a token that is expired. */
  readonly ttlSeconds?: number;
}

export const servingPage = { webRoot: 'built-in' } as const;

const defaultGrants = ['join', 'publish', 'subscribe', 'chat', 'history'] as const;

/** `overrides` are options of server/config/schema.ts. The log is silent unless one is given; a given dataDir is kept. */
export async function startServer(
  overrides: PartialConfig = {},
  {
    log = silentLogger,
    clock = systemClock,
    dataDir: kept,
    placementLimits,
    engines,
  }: {
    log?: Logger;
    clock?: Clock;
    dataDir?: string;
    placementLimits?: PlacementLimits | undefined;
    engines?: ClusterEngines;
  } = {},
): Promise<RunningServer> {
  const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'parley-test-')));
  const config = createConfig({
    ...overrides,
    dev: true,
    dataDir,
    gateway: { port: 0, webRoot: '', ...overrides.gateway },
    media: { port: 0, workers: 1, listenIp: '127.0.0.1', ...overrides.media },
    shutdown: { drainMs: 0, ...overrides.shutdown },
  });
  const app = createApp(config, { log, clock, placementLimits, engines });
  const closeBoth = async () => {
    await app.close();
    if (kept === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeBoth());
  try {
    const { url } = await app.start();
    const issuer = createTokenIssuer({ ...loadDevSecret(dataDir), issuer: '', audience: '' });
    const wsOrigin = url.replace(/^http/, 'ws');
    return {
      url,
      wsUrl: `${wsOrigin}/ws`,
      chatUrl: `${wsOrigin}/chat`,
      app,
      dataDir,
      issueToken: ({ identity, room = '*', can = defaultGrants, name = identity, metadata = '', ttlSeconds = 3600 }) =>
        issuer.issue({ identity, name, metadata, grants: [{ room, can }], ttlSeconds }),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
