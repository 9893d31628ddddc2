import { afterAll, afterEach, beforeAll } from 'vitest';
import type { PartialConfig } from '../../server/config/schema.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { type RunningServer, servingPage, startServer } from './start-server.ts';

export interface ServedPages {
  readonly server: RunningServer;
  readonly browser: TestBrowser;
}

/** Gives the tests of the block that calls this a server and a browser; their pages are closed after each test. */
export function servePages(config: PartialConfig = {}): ServedPages {
  let server: RunningServer | undefined;
  let browser: TestBrowser | undefined;
  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startServer({ ...config, gateway: { ...servingPage, ...config.gateway } }),
      startBrowser(),
    ]);
  });
  afterEach(() => browser?.closePages());
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get server() {
      return running(server);
    },
    get browser() {
      return running(browser);
    },
  };
}

function running<Part>(part: Part | undefined): Part {
  if (!part) throw new Error('There is no server and no browser before the tests of the block begin.');
  return part;
}
