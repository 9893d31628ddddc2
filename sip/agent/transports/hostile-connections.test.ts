import { once } from 'node:events';
import { type AddressInfo, connect, Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../../test/support/eventually.ts';
import { requireOrSkip } from '../../../test/support/require.ts';
import { testCertificate } from '../../../test/support/sip-certificate.ts';
import type { SipMessage } from '../messages/message.ts';
import { invite } from '../messages/testing/sample-messages.ts';
import type { Flow } from './flow.ts';
import { type Listen, type TransportLimits, transportLimits } from './listen.ts';
import { Transports } from './transports.ts';

async function open(protocol: Listen['protocol'], limits: Partial<TransportLimits> = {}) {
  const told: { message: SipMessage; flow: Flow }[] = [];
  const dropped: string[] = [];
  let [faults, signs] = [0, 0];
  const tls = protocol === 'TLS' || protocol === 'WSS' ? { tls: testCertificate() } : {};
  const transports = await Transports.open(
    [{ protocol, address: '127.0.0.1', port: 0, ...tls }],
    {
      message: (message, _hop, flow) => told.push({ message, flow }),
      fault: () => (faults += 1),
      alive: () => (signs += 1),
      closed: () => {},
      dropped: (what) => dropped.push(what),
      admits: () => true,
    },
    { ...transportLimits, ...limits },
  );
  let closed = false;
  const close = () => {
    closed = true;
    return transports.close();
  };
  onTestFinished(async () => {
    if (!closed) await close();
  });
  const port = transports.listening[0]?.port ?? 0;
  const flows = () => transports.flows[protocol] ?? 0;
  return { told, dropped, port, flows, close, faults: () => faults, signs: () => signs };
}

const secure = requireOrSkip('openssl');
const streams: readonly Listen['protocol'][] = secure ? ['TCP', 'TLS', 'WS', 'WSS'] : ['TCP', 'WS'];
const webSockets: readonly Listen['protocol'][] = secure ? ['WS', 'WSS'] : ['WS'];

/** A connection of somebody who means no good; `from` is one of the many addresses that loopback has. */
async function raw(port: number, from = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function page(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['sip']);
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

/** Says bytes one after the other for as long as somebody takes them. */
function drip(socket: Socket, bytes: Uint8Array, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(bytes.subarray(at, ++at));
  }, everyMs);
  onTestFinished(() => clearInterval(timer));
}

/** Never to be met by what is under test. */
const longMs = 300_000;

describe('a stream', () => {
  test('whose message comes byte by byte for too long is closed, though it is never quiet', async () => {
    const { dropped, flows, port } = await open('TCP', { messageMs: 150 });
    const slow = await raw(port);
    slow.resume();
    drip(slow, invite(), 20);
    await once(slow, 'close');
    expect(dropped).toEqual(['slow']);
    await eventually(() => flows() === 0, 'its end');
  });

  test('whose messages come in pieces, each in its time, goes on', async () => {
    const { told, dropped, port } = await open('TCP', { messageMs: 2_000 });
    const phone = await raw(port);
    const bytes = invite();
    for (let count = 1; count <= 3; count += 1) {
      phone.write(bytes.subarray(0, 100));
      phone.write(bytes.subarray(100));
      await eventually(() => told.length === count, 'the request');
    }
    expect(dropped).toEqual([]);
  });

  test.each(streams)('over %s that says nothing at all is closed', async (protocol) => {
    const { flows, port } = await open(protocol, { messageMs: 150, connectMs: 150 });
    const silent = await raw(port);
    silent.resume();
    await once(silent, 'close');
    await eventually(() => flows() === 0, 'its end');
  });

  test('that began well may be quiet for long', async () => {
    const { told, flows, port } = await open('TCP', { messageMs: 100 });
    const phone = await raw(port);
    phone.write(invite());
    await eventually(() => told.length === 1, 'the request');
    // Somebody who came later and said nothing is gone by now.
    const silent = await raw(port);
    silent.resume();
    await once(silent, 'close');
    await eventually(() => flows() === 1, 'its end');
    expect(phone.destroyed).toBe(false);
  });

  test.each(streams)(
    'over %s whose other side neither speaks nor leaves does not hold up the end',
    async (protocol) => {
      const { close, port } = await open(protocol, { connectMs: longMs });
      await raw(port);
      await close();
    },
  );

  test('whose other side does not read does not hold up the end, nor stay when it is quiet', async () => {
    const { told, close, dropped, flows, port } = await open('TCP', { idleMs: 300, connectMs: 100 });
    const deaf = await raw(port);
    deaf.write(invite());
    await eventually(() => told.length === 1, 'the request');
    deaf.pause();
    // More than the buffers of the system hold on both sides.
    const megabyte = Buffer.alloc(1_000_000);
    let full = false;
    while (!full) {
      const sent = told[0]?.flow.send(megabyte).then(
        () => false,
        () => true,
      );
      full = (await Promise.race([sent, new Promise<boolean>((resolve) => setTimeout(resolve, 200, true))])) ?? true;
    }
    await eventually(() => dropped.includes('idle'), 'that it counts as quiet');
    await eventually(() => flows() === 0, 'its end');
    await close();
  });

  test('says a length that is a lie: no other message is read from its bytes', async () => {
    const { told, dropped, faults, port } = await open('TCP');
    const inner = invite({ line: 'INVITE sip:inner@example.com SIP/2.0' });
    const lie = (length: string) =>
      Buffer.concat([Buffer.from(invite().toString().replace('Content-Length: 5', length)), inner]);
    for (const length of ['Content-Length: 70000', 'Content-Length: -1', 'Content-Length: 5x', 'X: 5']) {
      const liar = await raw(port);
      liar.resume();
      liar.write(lie(length));
      await once(liar, 'close');
    }
    expect(dropped).toEqual(['framing', 'framing', 'framing', 'framing']);
    // Whoever says more than there is, has what follows taken for the body.
    const greedy = await raw(port);
    greedy.write(lie(`Content-Length: ${5 + inner.length}`));
    await eventually(() => told.length === 1, 'the request');
    // Two that differ are 400, and what was cut by the first of them is no request either.
    const two = await raw(port);
    two.write(lie(`Content-Length: 5\r\nContent-Length: ${5 + inner.length}`).subarray(0, -inner.length));
    await eventually(() => faults() === 1, 'the refusal');
    expect(told).toHaveLength(1);
  });
});

describe('many connections', () => {
  test.each(streams)('over %s that the system has no room for are counted, and end nothing', async (protocol) => {
    const { dropped, port } = await open(protocol);
    const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
    const server = handles.find((one) => one instanceof Server && (one.address() as AddressInfo | null)?.port === port);
    (server as Server).emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }));
    expect(dropped).toEqual(['connections']);
  });

  test('of many sources are let in up to the limits, the rest is closed, and all is free again afterwards', async () => {
    const { dropped, flows, port } = await open('TCP', { connections: 800, connectionsPerSource: 50 });
    const come = (from: string, count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await raw(port, from)).resume()));
    // 20 × 60: each source has 10 too many, and 200 of those that are left are too many in all.
    const sockets: Socket[] = [];
    for (let host = 1; host <= 20; host += 1) sockets.push(...(await come(`127.0.7.${host}`, 60)));
    await eventually(() => flows() + dropped.length === 1_200, 'the end of those who are too many');
    expect(flows()).toBe(800);
    expect(new Set(dropped)).toEqual(new Set(['source', 'connections']));
    for (const socket of sockets) socket.destroy();
    await eventually(() => flows() === 0, 'all to be gone');
    const after = await raw(port, '127.0.7.1');
    after.write(invite());
    await eventually(() => flows() === 1, 'a new one');
  });

  test.each(webSockets)('over %s of one source are too many before they say a word', async (protocol) => {
    const { dropped, port } = await open(protocol, { connectionsPerSource: 2, connectMs: longMs });
    await raw(port);
    await raw(port);
    const third = await raw(port);
    third.resume();
    await once(third, 'close');
    expect(dropped).toEqual(['source']);
  });
});

describe('a WebSocket', () => {
  const masked = (first: number, text: string, mask = true) => {
    const payload = Buffer.from(text, 'latin1');
    return Buffer.from([first, (mask ? 0x80 : 0) | payload.length, ...(mask ? [0, 0, 0, 0] : []), ...payload]);
  };

  test.each([
    ['bytes that are no frame', Buffer.from('INVITE sip:a@b SIP/2.0\r\n\r\n')],
    ['a frame without a mask', masked(0x81, 'a', false)],
    ['a frame that goes on with nothing', masked(0x80, 'a')],
    ['a frame of a kind that there is not', masked(0x83, 'a')],
    ['bits that nobody agreed on', masked(0xf1, 'a')],
    ['text that is no UTF-8', masked(0x81, '\xff\xfe')],
    ['a ping in parts', masked(0x09, 'a')],
    ['an end for a reason that there is not', masked(0x88, '\x00\x01')],
    [
      'a length beyond what there is',
      Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ],
  ])('with %s ends, and another one does not notice', async (_, bytes) => {
    const { told, flows, port } = await open('WS', { connectMs: 100 });
    const good = await page(port);
    const bad = await raw(port);
    bad.resume();
    const key = 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13';
    const hello = `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}`;
    bad.write(`${hello}\r\nSec-WebSocket-Protocol: sip\r\n\r\n`);
    await eventually(() => flows() === 2, 'both');
    bad.write(bytes);
    await once(bad, 'close');
    good.send(invite().toString());
    await eventually(() => told.length === 1, 'the request of the other');
    expect(flows()).toBe(1);
  });

  test('that asks for signs of life and reads none is cut when its queue is full', async () => {
    const { dropped, flows, port } = await open('WS', { writeQueueBytes: 10_000 });
    const deaf = await page(port);
    deaf.pause();
    const flood = setInterval(() => {
      for (let left = 2_000; left > 0 && deaf.readyState === deaf.OPEN; left -= 1) deaf.ping(Buffer.alloc(125));
    }, 1);
    onTestFinished(() => clearInterval(flood));
    await eventually(() => flows() === 0, 'its end', 20_000);
    expect(dropped).toEqual(['queue']);
  });

  test('that is refused does not keep its place by staying', async () => {
    const { dropped, port } = await open('WS', { connectionsPerSource: 1, connectMs: longMs });
    const stays = await raw(port);
    // It hears the end, and does not answer it with its own.
    stays.allowHalfOpen = true;
    stays.resume();
    const key = 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13';
    stays.write(`GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n\r\n`);
    await once(stays, 'end');
    await eventually(async () => page(port).catch(() => undefined), 'its place');
    expect(dropped).toContain('noise');
  });

  test('that sends line ends to stay alive has its answers in the same queue', async () => {
    const { dropped, flows, port } = await open('WS', { writeQueueBytes: 1 });
    const phone = await page(port);
    phone.send('\r\n\r\n');
    await eventually(() => flows() === 0, 'its end');
    expect(dropped).toEqual(['queue']);
  });

  test('that spoke once stays as long as it shows signs of life, and one that never did does not', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { told, dropped, flows, port, signs } = await open('WS', { idleMs: 100_000 });
    const phone = await page(port);
    const silent = await page(port);
    phone.send(invite().toString());
    await eventually(() => told.length === 1 && flows() === 2, 'both, and the request');
    for (let beat = 0; beat < 5; beat += 1) {
      const before = signs();
      vi.advanceTimersByTime(30_000);
      // Each answers, until one of them is gone.
      await eventually(() => signs() === before + flows(), 'their answers');
    }
    await eventually(() => silent.readyState === WebSocket.CLOSED, 'its end');
    expect([flows(), phone.readyState, dropped]).toEqual([1, WebSocket.OPEN, ['idle']]);
  });

  test('that does not say goodbye does not hold up the end', async () => {
    const { close, port } = await open('WS', { connectMs: 100 });
    const deaf = await page(port);
    deaf.pause();
    await close();
  });
});
