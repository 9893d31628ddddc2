// What somebody can hold open without saying anything, and what that costs others.

import { connect, type Socket as TcpSocket } from 'node:net';
import { expect, test } from 'vitest';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import type { ListenerHandlers, ListenerOptions } from './listener.ts';
import { createUwsListener } from './uws.ts';

const options: ListenerOptions = {
  host: '127.0.0.1',
  port: 0,
  tls: { certFile: '', keyFile: '' },
  maxPlainSockets: 2_000,
  maxRequestBytes: 100_000,
  maxMessageBytes: 10_000,
  maxUnsentBytes: 1_000_000,
  idleTimeoutSeconds: 32,
};

async function start(handlers: Partial<ListenerHandlers>, overrides: Partial<ListenerOptions> = {}) {
  const listener = createUwsListener(
    { ...options, ...overrides },
    {
      request: () => () => ({ status: 200, body: 'here' }),
      upgrade: () => ({
        handlers: { opened: () => {}, message: () => {}, drained: () => {}, closed: () => {} },
        subprotocol: '',
      }),
      socketRefused: () => {},
      ...handlers,
    },
    silentLogger,
  );
  const { port } = await listener.listen();
  const sockets: TcpSocket[] = [];
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** Opens TCP connections that say this and nothing more. */
    async open(count: number, text = ''): Promise<TcpSocket[]> {
      const opened = await Promise.all(
        Array.from({ length: count }, () => {
          const socket = connect(port, '127.0.0.1').on('error', () => {});
          sockets.push(socket);
          return new Promise<TcpSocket>((resolve) => socket.once('connect', () => resolve(socket)));
        }),
      );
      for (const socket of opened) if (text !== '') socket.write(text);
      return opened;
    },
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

test('GET is answered without waiting for a body that was promised, and the connection ends', async () => {
  using server = await start({});
  const [socket] = await server.open(1, 'GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nx');
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket?.on('data', (chunk) => {
      text += chunk;
    });
    socket?.once('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answer).toMatch(/here$/);
});

test('a thousand bodies that never end hold up those who send bodies, and nobody else', async () => {
  using server = await start({});
  await server.open(1_001, 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nx');
  await eventually(
    async () => (await fetch(server.url, { method: 'POST', body: 'x' })).status === 503,
    'the limit of open bodies',
  );
  expect((await fetch(server.url)).status).toBe(200);
});

test('connections that say nothing are bounded, and WebSockets and those before are left alone', async () => {
  let refused = 0;
  using server = await start({ socketRefused: () => refused++ }, { maxPlainSockets: 20 });
  // WebSockets are bounded by whoever decides on upgrades. Until its upgrade each is a connection like others.
  const webSockets: TestSocket[] = [];
  for (let n = 0; n < 30; n++) webSockets.push(await new TestSocket(`ws://127.0.0.1:${server.port}`).opened());
  const silent = await server.open(20);
  const beyond = await server.open(5);
  await Promise.all(beyond.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));
  expect(refused).toBe(5);
  expect(silent.every((socket) => !socket.closed)).toBe(true);
  expect(webSockets.every(({ closed }) => closed === undefined)).toBe(true);
  silent[0]?.destroy();
  await eventually(async () => (await fetch(server.url).catch(() => undefined))?.status === 200, 'a place again');
});
