import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../../test/support/free-port.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { startTurnServer } from '../../test/support/turn-server.ts';
import { createConfig } from '../config.ts';
import type { Finding } from './check.ts';
import { examineReach } from './reach.ts';
import { checkTurn, parseIceUrl } from './relay-checks.ts';

const secret = 'what-both-know-and-nobody-else';

async function reach(server: Pick<RunningServer, 'url'>, token: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examineReach({ url: server.url, token, fromServer: false })) findings.push(finding);
  return findings;
}

const summary = (findings: readonly Finding[]) => findings.map(({ subject, verdict }) => `${subject}: ${verdict}`);

describe.skipIf(!requireOrSkip('mediasoup'))('the doctor tries', () => {
  it('each way to a server that runs, on each worker', async () => {
    await using server = await startServer({ media: { workers: 2 } });
    const findings = await reach(server, server.issueToken({ identity: 'ada' }));
    expect(summary(findings)).toEqual([
      'Signaling: fine',
      'WebSocket: fine',
      'UDP: fine',
      'UDP: fine',
      'TCP: fine',
      'TCP: fine',
    ]);
    const ports = findings.slice(2).map(({ text }) => /port (\d+)/.exec(text)?.[1]);
    expect(new Set(ports.slice(0, 2)).size).toBe(2);
  });

  it('a media address that leads nowhere, and names it with its port', async () => {
    await using server = await startServer({ media: { announcedAddress: '127.0.0.2' } });
    const findings = await reach(server, server.issueToken({ identity: 'ada' }));
    expect(summary(findings).slice(2)).toEqual(['UDP: broken', 'TCP: broken']);
    for (const finding of findings.slice(2)) {
      expect(finding).toMatchObject({
        text: expect.stringMatching(/^127\.0\.0\.2 port \d+: /),
        mend: expect.stringContaining('media.port'),
      });
    }
  });

  it('a server that is not there, and one that refuses the token', async () => {
    const nowhere = { url: `http://127.0.0.1:${await findFreePort()}` };
    expect(await reach(nowhere, 'any')).toMatchObject([{ subject: 'Signaling', verdict: 'broken' }]);
    await using server = await startServer();
    const expired = server.issueToken({ identity: 'ada', ttlSeconds: -600 });
    expect((await reach(server, expired)).at(-1)).toMatchObject({
      subject: 'Token',
      verdict: 'broken',
      text: expect.stringContaining('expired'),
    });
  });

  it('relays by UDP and by TCP, and the media port through them', async () => {
    if (!requireOrSkip('coturn')) return;
    await using relay = await startTurnServer({ secret });
    await using server = await startServer({ turn: { urls: [relay.url, relay.tcpUrl], secret } });
    const findings = await reach(server, server.issueToken({ identity: 'ada' }));
    expect(summary(findings).slice(4)).toEqual(['TURN: fine', 'TURN: fine']);
    expect(findings.at(-1)?.text).toMatch(/relays to 127\.0\.0\.1 port \d+/);
  });

  it('a relay that may not send to the media port, one with another secret, and one that is not there', async () => {
    if (!requireOrSkip('coturn')) return;
    await using closed = await startTurnServer({ secret, options: ['denied-peer-ip=127.0.0.1'] });
    await using other = await startTurnServer({ secret: 'another secret' });
    const nowhere = `turn:127.0.0.1:${await findFreePort()}?transport=tcp`;
    await using server = await startServer({ turn: { urls: [closed.url, other.url, nowhere], secret } });
    const findings = (await reach(server, server.issueToken({ identity: 'ada' }))).slice(4);
    expect(findings).toMatchObject([
      {
        verdict: 'broken',
        text: expect.stringContaining('403'),
        mend: expect.stringContaining('allowed-peer-ip=127.0.0.1'),
      },
      { verdict: 'broken', text: expect.stringContaining('401'), mend: expect.stringContaining('turn.secret') },
      { verdict: 'broken', text: expect.stringContaining(nowhere), mend: expect.stringContaining('firewall') },
    ]);
  });
});

describe('the relays of a configuration', () => {
  it('are tried before a server runs', async () => {
    if (!requireOrSkip('coturn')) return;
    await using relay = await startTurnServer({ secret });
    const urls = [relay.url, relay.tcpUrl, relay.url.replace('turn:', 'stun:').replace(/\?.*/, '')];
    expect(summary(await checkTurn(createConfig({ turn: { urls, secret } })))).toEqual([
      'STUN: fine',
      'TURN: fine',
      'TURN: fine',
    ]);
  });

  it('that have no name, or do not answer, are named', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const stun = `stun:127.0.0.1:${silent.address().port}`;
    const findings = await checkTurn(createConfig({ turn: { urls: ['turn:no.such.name.invalid', stun], secret } }));
    silent.close();
    expect(findings).toMatchObject([
      { verdict: 'broken', text: `${stun}: no answer`, mend: expect.stringContaining('firewall') },
      { verdict: 'broken', mend: 'turn.urls: there is no such name as no.such.name.invalid' },
    ]);
  });
});

describe('the address of a relay', () => {
  it.each([
    ['turn:a.example.org', { host: 'a.example.org', port: 3478, transport: 'udp' }],
    ['turn:a.example.org:80?transport=tcp', { host: 'a.example.org', port: 80, transport: 'tcp' }],
    ['turns:a.example.org', { host: 'a.example.org', port: 5349, transport: 'tls' }],
    ['turns:[2001:db8::1]:443?transport=tcp', { host: '2001:db8::1', port: 443, transport: 'tls' }],
    ['stun:192.0.2.1', { host: '192.0.2.1', port: 3478, transport: 'udp' }],
  ])('%s', (url, server) => {
    expect(parseIceUrl(url)).toEqual(server);
  });
});
