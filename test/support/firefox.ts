// Firefox for a test, in a network of its own: over plain loopback its ICE finds no way.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type Page } from 'puppeteer-core';
import { findFreePort } from './free-port.ts';
import { openNetns } from './netns.ts';
import { plugIn } from './netns-uplink.ts';
import { requirePath } from './require.ts';
import { startTcpRelay } from './tcp-relay.ts';

/**
 * ```ts
 * await using firefox = await startFirefox();
 * await using server = await startServer({ media: { listenIp: firefox.host } });
 * const page = await firefox.openPage(`${server.url}/r/standup`);
 * ```
 * Its camera and its microphone are made up, and it asks nobody about them. Closing fails the test when a page threw.
 */
export interface TestFirefox extends AsyncDisposable {
  /** This machine as Firefox reaches it, for media. */
  readonly host: string;
  /** `url`: of 127.0.0.1, as it is here; `others`: what its scripts connect to besides. */
  openPage(url: string, ...others: readonly string[]): Promise<Page>;
  closePages(): Promise<void>;
  /** From now on its network lets no UDP out. */
  dropUdp(): void;
}

const preferences = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.default_address_only': false,
};

/** @throws {Error} where it cannot run: ask requireOrSkip for 'firefox' and 'netns' before. */
export async function startFirefox(): Promise<TestFirefox> {
  const inPage = await readFile(new URL('./in-page.js', import.meta.url), 'utf8');
  const network = openNetns();
  const folder = await mkdtemp(join(tmpdir(), 'parley-firefox-'));
  const problems: string[] = [];
  const debuggingPort = await findFreePort();
  const uplink = plugIn(network);
  uplink.exposeLoopback(debuggingPort);
  // Where it is driven from is loopback of its network, and it tells that address: it leads there from here as well.
  const way = await startTcpRelay(`http://${uplink.inside}:${debuggingPort}`, { at: { port: debuggingPort } });
  const ways = new Map([[debuggingPort, way]]);
  /** What listens on this machine's loopback is there too, under the same address. */
  const lead = async (port: number) => {
    if (ways.has(port)) return;
    ways.set(port, await startTcpRelay(`http://127.0.0.1:${port}`, { at: { host: uplink.outside, port } }));
    uplink.forwardLoopback(port);
  };
  const clean = async () => {
    for (const each of ways.values()) await each[Symbol.asyncDispose]();
    network[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const browser = await launch({
    browser: 'firefox',
    executablePath: network.wrap(requirePath('firefox')),
    headless: true,
    debuggingPort,
    extraPrefsFirefox: preferences,
    env: { ...process.env, HOME: folder },
    timeout: 90_000,
  }).catch(async (error: unknown) => {
    await clean();
    throw error;
  });

  return {
    host: uplink.outside,
    async openPage(url, ...others) {
      for (const each of [url, ...others]) await lead(Number(new URL(each).port));
      const page = await (await browser.createBrowserContext()).newPage();
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.evaluateOnNewDocument(inPage);
      await page.goto(url);
      return page;
    },
    async closePages() {
      await Promise.all(
        browser
          .browserContexts()
          .map((context) => (context === browser.defaultBrowserContext() ? undefined : context.close())),
      );
    },
    dropUdp: () => network.firewall('-p', 'udp', '-j', 'DROP'),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await clean();
      if (problems.length > 0) throw new Error(`pages had problems:\n${problems.join('\n')}`);
    },
  };
}
