// Chromium for a test: with a camera and a microphone of its own, and nothing of the machine's.

import { readFile } from 'node:fs/promises';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { requireBrowserPath } from './require.ts';

/**
 * ```ts
 * await using browser = await startBrowser();
 * const ada = await browser.openPage(`${server.url}/r/standup`);
 * ```
 * Each page is a visitor of its own: storage, permissions and network are shared with no other. Closing fails the test when
 * a page threw, or wrote an error to its console that is not of the network.
 */
export interface TestBrowser extends AsyncDisposable {
  openPage(url: string, options?: PageOptions): Promise<Page>;
  /** Closes every page that is open, as after each test. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

export interface PageOptions extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'reducedMotion'> {
  /** 320 by 180 at 10 frames a second unless it is given. */
  readonly camera?: { readonly width: number; readonly height: number; readonly frameRate: number };
}

export interface BrowserOptions {
  /** What the browser says when a page asks for a camera or a microphone. */
  readonly devices?: 'allowed' | 'denied';
  /** Instead of the machine's Chromium: a script that starts it. */
  readonly executablePath?: string;
  /** Besides the usual ones. */
  readonly flags?: readonly string[];
  /** Microphones give what they hear: a steady tone would be taken for noise. */
  readonly plainSound?: boolean;
}

export const insecureHost = 'parley.test';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  // A name that is this machine and not known to be: over plain HTTP, browsers trust localhost and no other.
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
];

/** What the browser itself says of connections that come and go, and of plain HTTP: tests make that happen. */
const networkNoise =
  /^(?:Failed to load resource|WebSocket connection to|The Cross-Origin-Opener-Policy header has been ignored)/;

export async function startBrowser({
  devices = 'allowed',
  executablePath = requireBrowserPath(),
  flags: others = [],
  plainSound = false,
}: BrowserOptions = {}): Promise<TestBrowser> {
  const inPage = await readFile(new URL('./in-page.js', import.meta.url), 'utf8');
  const browser = await chromium.launch({
    executablePath,
    // Without windows nobody can be asked.
    args: [...flags, ...others, `--use-fake-ui-for-media-stream${devices === 'denied' ? '=deny' : ''}`],
  });
  // Without a window Chromium calls itself HeadlessChrome, which the media library does not know over plain HTTP.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
  const problems: string[] = [];
  let closing: Promise<void> | undefined;

  const shut = async (): Promise<void> => {
    await browser.close();
    if (problems.length > 0) throw new Error(`pages had problems:\n${problems.join('\n')}`);
  };
  const close = (): Promise<void> => {
    closing ??= shut();
    return closing;
  };

  return {
    async openPage(url, { camera, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        // Without a graphics card, each frame of a movement is painted by the cores that run the tests.
        reducedMotion: 'reduce',
        userAgent,
        ...options,
      });
      if (camera) await context.addInitScript(`globalThis.parleyCamera = ${JSON.stringify(camera)}`);
      if (plainSound) await context.addInitScript('globalThis.parleyPlainSound = true');
      await context.addInitScript(inPage);
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(`${withoutHash(page.url())}: ${error.stack ?? error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !networkNoise.test(message.text())) {
          problems.push(`${withoutHash(page.url())}: ${message.text()}`);
        }
      });
      const response = await page.goto(url);
      if (response?.status() === 404) throw new Error(`There is no page at ${url}: npm run build makes it.`);
      return page;
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A hash may hold a token. */
function withoutHash(url: string): string {
  return url.replace(/#.*/, '');
}
