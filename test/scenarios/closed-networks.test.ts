import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { findFreePort } from '../support/free-port.ts';
import { joinCall } from '../support/join-page.ts';
import { waitForFlow } from '../support/media-flow.ts';
import { type Netns, openNetns } from '../support/netns.ts';
import { plugIn } from '../support/netns-uplink.ts';
import { startParley } from '../support/parley-process.ts';
import { requireBrowserPath, requireOrSkip } from '../support/require.ts';
import { startTurnServer } from '../support/turn-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup') && requireOrSkip('netns');
const secret = 'what-both-know-and-nobody-else';
const bothWays = { video: 1, audio: 1 };

/** Two pages call each other within a network. Answers which ways their sound and pictures take. */
async function call(
  network: Netns,
  mediaPort: number,
  options: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-closed-'));
  try {
    const port = await findFreePort();
    const media = ['media.workers=1', 'media.listenIp=127.0.0.1', `media.port=${mediaPort}`];
    const set = [...media, ...options].flatMap((option) => ['--set', option]);
    await using server = startParley(['serve', '--dev', '--port', String(port), ...set], {
      cwd: folder,
      prefix: network.prefix,
    });
    await using browser = await startBrowser({ executablePath: network.wrap(requireBrowserPath()), flags });
    await server.waitFor('server listening');
    const room = `http://127.0.0.1:${port}/r/closed`;
    const pages = await Promise.all(['Ada', 'Ben'].map((name) => joinCall(browser, room, { name })));
    await Promise.all(pages.map((page) => waitForFlow(page, bothWays)));
    const ways = await Promise.all(pages.map((page) => page.evaluate<string[]>('parleyTest.ways()')));
    return [...new Set(ways.flat())];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.skipIf(!canRun)('a call in a network', { timeout: 90_000 }, () => {
  it('that drops all UDP goes over TCP', async () => {
    using network = openNetns();
    network.firewall('-p', 'udp', '-j', 'DROP');
    expect(await call(network, await findFreePort())).toEqual(['tcp']);
  });

  it.each(['tcp', 'tls'] as const)(
    'that lets out one TCP port goes through the relay there, over %s',
    async (protocol) => {
      const tls = protocol === 'tls';
      if (!requireOrSkip('coturn') || (tls && !requireOrSkip('openssl'))) return;
      using network = openNetns();
      const { prefix } = network;
      await using relay = await startTurnServer({ secret, tls, prefix, options: ['relay-ip=127.0.0.3'] });
      const mediaPort = await findFreePort();
      // What the relay sends and gets is outside of the closed network.
      network.firewall('-p', 'udp', '-s', '127.0.0.3', '-j', 'ACCEPT');
      network.firewall('-p', 'udp', '-d', '127.0.0.3', '-j', 'ACCEPT');
      network.firewall('-p', 'udp', '-j', 'DROP');
      network.firewall('-p', 'tcp', '--dport', String(mediaPort), '-j', 'DROP');
      const options = [`turn.urls=${tls ? relay.tlsUrl : relay.tcpUrl}`, `turn.secret=${secret}`];
      const flags = tls ? ['--ignore-certificate-errors'] : [];
      expect(await call(network, mediaPort, options, flags)).toEqual(['relay']);
    },
  );

  it('that has IPv6 alone for media goes over it', async () => {
    using network = openNetns();
    const { inside6 } = plugIn(network);
    network.firewall('-p', 'udp', '-j', 'DROP');
    expect(await call(network, await findFreePort(), [`media.listenIp=${inside6}`])).toEqual(['udp']);
  });

  it('that loses packets on a narrow line goes on', async () => {
    using network = openNetns();
    network.losePackets(5);
    network.narrow(2_000);
    expect(await call(network, await findFreePort())).toEqual(['udp']);
  });
});
