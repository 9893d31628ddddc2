import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { findFreePort } from '../support/free-port.ts';
import { joinCall } from '../support/join-page.ts';
import { receivedIds, waitForFlow } from '../support/media-flow.ts';
import { type Netns, openNetns } from '../support/netns.ts';
import { startParley } from '../support/parley-process.ts';
import { requireBrowserPath, requireOrSkip } from '../support/require.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup') && requireOrSkip('netns');
const bothWays = { video: 1, audio: 1 };

/** Two pages in a call, in a network of their own. */
async function inCall(
  network: Netns,
  run: (pages: readonly Page[], mediaPort: number) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-silent-'));
  try {
    const [port, mediaPort] = [await findFreePort(), await findFreePort()];
    const set = ['media.workers=1', 'media.listenIp=127.0.0.1', `media.port=${mediaPort}`];
    await using server = startParley(
      ['serve', '--dev', '--port', String(port), ...set.flatMap((option) => ['--set', option])],
      { cwd: folder, prefix: network.prefix },
    );
    await using browser = await startBrowser({ executablePath: network.wrap(requireBrowserPath()) });
    await server.waitFor('server listening');
    const room = `http://127.0.0.1:${port}/r/silent`;
    const pages = await Promise.all(['Ada', 'Ben'].map((name) => joinCall(browser, room, { name })));
    await Promise.all(pages.map((page) => waitForFlow(page, bothWays)));
    await run(pages, mediaPort);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lets everything through again. */
function open({ prefix: [command = '', ...before] }: Netns): void {
  execFileSync(command, [...before, 'iptables', '-F', 'OUTPUT'], { stdio: 'pipe' });
}

/** Counts the connections that a page makes from now on. */
async function countConnections(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`
    globalThis.connectionsMade = 0;
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...args) {
        super(...args);
        globalThis.connectionsMade += 1;
      }
    };
  `);
  return () => page.evaluate<number>('connectionsMade');
}

describe.skipIf(!canRun).concurrent('a call of two pages', { timeout: 120_000 }, () => {
  it('goes on over TCP when UDP stops', async () => {
    using network = openNetns();
    await inCall(network, async (pages) => {
      network.firewall('-p', 'udp', '-j', 'DROP');
      const ways = async () =>
        (await Promise.all(pages.map((page) => page.evaluate<string[]>('parleyTest.ways()')))).flat();
      await eventually(async () => new Set(await ways()).has('udp') === false, 'no way over UDP', 60_000);
      await Promise.all(pages.map((page) => waitForFlow(page, bothWays)));
      expect(new Set(await ways())).toEqual(new Set(['tcp']));
    });
  });

  it('gets other transports when nothing comes through for long', async () => {
    using network = openNetns();
    await inCall(network, async (pages, mediaPort) => {
      const before = await Promise.all(pages.map(receivedIds));
      const made = await Promise.all(pages.map(countConnections));
      for (const protocol of ['udp', 'tcp']) {
        for (const side of ['--sport', '--dport']) {
          network.firewall('-p', protocol, side, String(mediaPort), '-j', 'DROP');
        }
      }
      const hasOthers = async () => (await Promise.all(made.map((count) => count()))).every((count) => count >= 2);
      await eventually(hasOthers, 'another transport for each direction', 60_000);
      open(network);
      await Promise.all(pages.map((page, at) => waitForFlow(page, bothWays, { except: before[at]! })));
    });
  });
});
