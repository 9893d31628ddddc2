import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type SipAgent, startSipAgent } from '../support/sip-agent.ts';
import { checkSockets, leavesNoSocket } from '../support/sip-sockets.ts';

// What all tests of real peers rely on: that they fail when something is left.
leavesNoSocket({ after: 'each' });

const soon = { patienceMs: 50 };

/** The agent calls itself: the application accepts. */
async function calling(): Promise<SipAgent> {
  const sip = await startSipAgent({ routes: { invite: (req, res) => sip.answer(req, res) } });
  await sip.call(`sip:anybody@127.0.0.1:${sip.ports.UDP}`);
  await eventually(() => sip.calls.size === 2, 'both sides');
  return sip;
}

test('a call that is left fails its test', async () => {
  await using sip = await calling();
  await expect(sip.settled(soon)).rejects.toThrow('"sessions":2,"dialogs":2');
  for (const call of sip.calls) call.destroy();
  sip.calls.clear();
  await sip.settled();
});

test('a request that nobody answers fails its test', async () => {
  await using sip = await startSipAgent({ routes: { message: () => {} } });
  const socket = createSocket('udp4');
  const lines = [
    'MESSAGE sip:a@127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKleft;rport',
    'From: <sip:b@127.0.0.1>;tag=1',
    'To: <sip:a@127.0.0.1>',
    'Call-ID: left',
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  socket.send(`${lines.join('\r\n')}\r\n\r\n`, sip.ports.UDP, '127.0.0.1');
  await eventually(() => sip.facade.stats.pending === 1, 'the request');
  socket.close();
  await expect(sip.settled(soon)).rejects.toThrow(/"servers":1.*"pending":1/);
  // Nobody waits for ever: it is answered for after 64 s.
  await sip.clock.skip(65_000);
  await sip.settled();
});

test('a connection and a timer that are left fail their test, at its end as well', async () => {
  const sip = await startSipAgent();
  const timer = sip.clock.after(3_600_000, () => {});
  await expect(sip.settled(soon)).rejects.toThrow('"timers":1');
  const ended = (async () => {
    await using left = sip;
    expect(left.clock.pendingTimers).toBe(1);
  })();
  await expect(ended).rejects.toThrow('left after the end');
  timer.cancel();
});

test('an end fails the test that never asked whether anything is left', async () => {
  const failed = (async () => {
    await using sip = await startSipAgent({ routes: { invite: () => Promise.reject(new Error('a bug')) } });
    void sip.call(`sip:a@127.0.0.1:${sip.ports.UDP}`).catch(() => {});
    await eventually(() => sip.facade.stats.pending === 1, 'the request');
    await sip.clock.skip(65_000);
  })();
  await expect(failed).rejects.toThrow('a bug');
});

test('a socket that is left fails its file', async () => {
  const check = checkSockets(50);
  await check.nothingLeft();
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  await expect(check.nothingLeft()).rejects.toThrow(/left: .*UDP/);
  socket.close();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  await expect(check.nothingLeft()).rejects.toThrow(/left: .*TCP/);
  server.close();
  await checkSockets().nothingLeft();
});
