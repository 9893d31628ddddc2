import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type Srf from 'drachtio-srf';
import { describe, expect, test } from 'vitest';
import { SystemDns } from '../../sip/agent/location/dns-records.ts';
import { eventually } from '../support/eventually.ts';
import { type Answer, sampleSdp, startSipAgent } from '../support/sip-agent.ts';
import { isAlive, type RawPeer, rawRequest, startRawPeer } from '../support/sip-raw.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

const ok: Answer = (_req, res) => res.send(200);
const sdp = { fields: ['Content-Type: application/sdp'], body: sampleSdp() };

async function flood(peer: RawPeer, count: number, message: (at: number) => string): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    peer.send(message(at));
    if (at % 50 === 49) {
      await turn();
      await turn();
    }
    if (at % 1_000 === 999) await isAlive(peer);
  }
  await isAlive(peer);
}

describe('a flood of what belongs to nothing', { timeout: 60_000 }, () => {
  test.each(['CANCEL', 'BYE', 'ACK', 'PRACK', 'UPDATE', 'INFO', 'NOTIFY'])(
    'of %s is answered without anything being kept, and calls go on',
    async (method) => {
      await using sip = await startSipAgent({ routes: { options: ok, invite: (req, res) => sip.answer(req, res) } });
      await using peer = await startRawPeer(sip.ports.UDP);
      await using callee = await startSipAgent({ routes: { invite: (req, res) => callee.answer(req, res) } });
      const call = await sip.call(`sip:a@127.0.0.1:${callee.ports.UDP}`);
      const { servers } = sip.agent.stats.transactions;
      await flood(peer, 3_000, (at) => rawRequest({ method, callId: `flood-${at}`, toTag: 'nobody' }));
      // What asked whether it is alive is kept for 32 s.
      expect(sip.agent.stats.transactions.servers).toBeLessThan(servers + 100);
      if (method === 'ACK') expect(peer.answers('flood-7')).toEqual([]);
      else expect(peer.answers('flood-7')[0]).toMatch(/^SIP\/2\.0 481 /);
      expect(sip.agent.stats.calls).toBe(1);
      await call.modify(sampleSdp(7_002, 'sendonly'));
      call.destroy();
      sip.calls.clear();
      await callee.settled();
      await sip.settled();
    },
  );

  test('of answers is counted, and brings nothing about', async () => {
    await using sip = await startSipAgent({ routes: { options: ok } });
    await using peer = await startRawPeer(sip.ports.UDP);
    let ringing: Srf.SrfResponse | undefined;
    await using callee = await startSipAgent({
      routes: {
        invite(_req, res) {
          ringing = res;
          res.send(180);
        },
      },
    });
    const call = sip.call(`sip:a@127.0.0.1:${callee.ports.UDP}`).catch((error: unknown) => error);
    await eventually(() => sip.agent.stats.messages.get('in 180'), 'that it rings');
    const statuses = ['100 Trying', '180 Ringing', '200 OK', '302 Moved', '486 Busy', '503 No', '606 No'];
    await flood(peer, 2_000, (at) =>
      rawRequest({ method: 'INVITE', callId: `spoofed-${at}`, toTag: 'eve', rport: false, ...sdp }).replace(
        /^INVITE \S+ SIP\/2\.0/,
        `SIP/2.0 ${statuses[at % statuses.length]}`,
      ),
    );
    expect(sip.agent.stats.transactions.strayResponses).toBeGreaterThanOrEqual(1_900);
    // Neither an ACK nor a BYE for whoever made up an acceptance.
    expect(peer.heard.filter((text) => !text.startsWith('SIP/2.0 200'))).toEqual([]);
    ringing?.send(486);
    await call;
    await callee.settled();
    await sip.settled();
  });
});

describe('an INVITE', { timeout: 60_000 }, () => {
  test('with more Record-Routes than there are hops is refused, and not kept', async () => {
    await using sip = await startSipAgent({ routes: { options: ok, invite: (req, res) => sip.answer(req, res) } });
    await using peer = await startRawPeer(sip.ports.UDP);
    const routes = Array.from({ length: 3_000 }, (_, at) => `<sip:p${at};lr>`);
    const lines = [0, 1, 2, 3, 4, 5].map((at) => `Record-Route: ${routes.slice(at * 500, at * 500 + 500).join(',')}`);
    peer.send(rawRequest({ method: 'INVITE', callId: 'routes', fields: lines }));
    await isAlive(peer);
    expect(peer.answers('routes')[0]).toMatch(/^SIP\/2\.0 400 Too Many Record-Route/);
    expect(sip.agent.stats.calls).toBe(0);
    await sip.settled();
  });

  test('of one Call-ID and one tag again and again is a call of its own each time', async () => {
    const ids: string[] = [];
    const answered: ((status: number) => void)[] = [];
    await using sip = await startSipAgent({
      routes: {
        options: ok,
        invite(req, res) {
          ids.push(req.get('CSeq'));
          answered.push((status) => res.send(status));
        },
      },
    });
    await using peer = await startRawPeer(sip.ports.UDP);
    for (let cseq = 1; cseq <= 4; cseq += 1) peer.send(rawRequest({ method: 'INVITE', callId: 'same', cseq, ...sdp }));
    for (let tag = 1; tag <= 4; tag += 1)
      peer.send(rawRequest({ method: 'INVITE', callId: 'same', fromTag: `other${tag}`, ...sdp }));
    await eventually(() => ids.length === 8, 'all of them');
    expect(sip.facade.stats.sessions).toBe(8);
    for (const [at, answer] of answered.entries()) answer(480 + at);
    await eventually(() => peer.answers('same').length >= 8, 'their answers');
    const pairs = peer
      .answers('same')
      .map((text) => `${/^SIP\/2\.0 (\d+)/.exec(text)?.[1]} ${/CSeq: (\d+)/.exec(text)?.[1]}`);
    expect(new Set(pairs).size).toBe(8);
    await sip.clock.skip(40_000);
    await sip.settled();
  });
});

test('little is answered to little, and never to where a Via points', { timeout: 60_000 }, async () => {
  const refuse: Answer = (_req, res) => res.send(404);
  await using sip = await startSipAgent({
    routes: { options: ok, message: refuse, register: refuse, subscribe: refuse },
  });
  await using peer = await startRawPeer(sip.ports.UDP);
  await using victim = await startRawPeer(sip.ports.UDP, '127.0.0.2');
  const via = `127.0.0.2:${victim.port}`;
  const small = (method: string, more: readonly string[] = []) =>
    [
      `${method} sip:a SIP/2.0`,
      `v:SIP/2.0/UDP ${via};branch=z9hG4bK${method}${more.length};rport;maddr=127.0.0.2;received=127.0.0.2`,
      'f:<sip:a@b>;tag=1',
      't:<sip:a@b>',
      `i:small-${method}`,
      `CSeq:1 ${method}`,
      ...more,
      '',
      '',
    ].join('\r\n');
  const list = ['MESSAGE', 'REGISTER', 'SUBSCRIBE', 'BYE', 'CANCEL', 'ACK', 'NOTIFY', 'FOO', 'OPTIONS'].map((m) =>
    small(m),
  );
  list.push(small('MESSAGE', ['Require:x']), small('MESSAGE', ['Contact:<']), small('REGISTER', ['l:70']));
  await isAlive(peer);
  const [heard, sent] = [peer.bytesHeard, peer.bytesSent];
  for (const message of list) peer.send(message);
  await eventually(() => peer.heard.length >= 1 + list.length - 1, 'the answers');
  const factor = (peer.bytesHeard - heard) / (peer.bytesSent - sent);
  expect(factor).toBeLessThan(3);
  expect(victim.heard).toEqual([]);
  await sip.clock.skip(65_000);
  await sip.settled();
});

describe('what an application takes from strangers and passes on', () => {
  test.each([
    ['a line end of Unix', 'a\nVia: SIP/2.0/UDP evil'],
    ['a carriage return', 'a\rVia: SIP/2.0/UDP evil'],
    ['a null', 'a\0evil'],
    ['a line end of SIP with a Via', 'a\r\nVia: SIP/2.0/UDP evil'],
  ])('never makes a Via of its own: %s', async (what, value) => {
    await using sip = await startSipAgent({
      routes: { options: ok, message: (_req, res) => res.send(200, { headers: { 'X-Name': value } }) },
    });
    await using peer = await startRawPeer(sip.ports.UDP);
    peer.send(rawRequest({ method: 'MESSAGE', callId: 'inject' }));
    await eventually(() => sip.agent.stats.messages.get('in MESSAGE') === 1, 'the request');
    await isAlive(peer);
    // What could not be read is not sent; drachtio's own line end makes fields, and a Via of an application counts for nothing.
    const whole = what === 'a line end of SIP with a Via';
    await sip.clock.skip(65_000);
    expect(peer.answers('inject')).toHaveLength(whole ? 1 : 0);
    expect(peer.heard.join('')).not.toContain('evil');
    await sip.settled();
  });
});

test('a name server that never answers has calls fail in their time, and others go on', {
  timeout: 60_000,
}, async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const dns = new SystemDns([`127.0.0.1:${silent.address().port}`]);
  await using sip = await startSipAgent({ dns, routes: { options: ok, invite: (req, res) => sip.answer(req, res) } });
  await using peer = await startRawPeer(sip.ports.UDP);
  const begun = performance.now();
  const lost = Array.from({ length: 20 }, () =>
    sip.call('sip:a@nowhere.example').catch((error: { status?: number }) => error.status),
  );
  await isAlive(peer);
  const call = await sip.call(`sip:me@127.0.0.1:${sip.ports.UDP}`);
  call.destroy();
  await eventually(() => sip.calls.size === 1, 'its end');
  sip.calls.clear();
  expect(new Set(await Promise.all(lost))).toEqual(new Set([503]));
  // 64 × T1, in which every call is answered for good.
  expect(performance.now() - begun).toBeLessThan(32_000);
  console.log(`dns gave up after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  silent.close();
  await sip.settled();
});
