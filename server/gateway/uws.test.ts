import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket as TcpSocket } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { clientFrame, openRawWebSocket } from '../../test/support/raw-web-socket.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { recordingSocket, startListener } from '../../test/support/start-listener.ts';
import { StartError } from '../start-error.ts';
import type { RequestHead } from './listener.ts';

async function rawRequest(port: number, text: string): Promise<TcpSocket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function readAll(socket: TcpSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

test('a request is copied: method, path, query, headers joined by name, and who sent it', async () => {
  const heads: RequestHead[] = [];
  using server = await startListener({
    request(head) {
      heads.push(head);
      return { status: 200, headers: { 'x-answer': 'yes' }, body: 'done' };
    },
  });
  const socket = await rawRequest(
    server.port,
    'GET /a%20b?x=1&y=%26 HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\nConnection: close\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*x-answer: yes\r\n(.*\r\n)*\r\ndone$/);
  expect(heads[0]).toMatchObject({ method: 'GET', path: '/a%20b', query: 'x=1&y=%26', peerAddress: '127.0.0.1' });
  expect(heads[0]?.headers).toMatchObject({ host: 'h', 'x-forwarded-for': '1.1.1.1, 2.2.2.2' });
  socket.destroy();
});

test('a handler that throws, at once or later, is answered with 500, and the next request is served', async () => {
  using server = await startListener({
    request({ path }) {
      if (path === '/now') throw new Error('planted');
      if (path === '/body') {
        return () => {
          throw new Error('planted');
        };
      }
      if (path === '/later') return async () => Promise.reject(new Error('planted'));
      if (path === '/header') return { status: 200, headers: { 'x-split': 'a\r\nset-cookie: b' } };
      return { status: 200, body: 'ok' };
    },
  });
  for (const path of ['/now', '/body', '/later', '/header']) {
    const response = await fetch(server.url + path);
    expect(response.status, path).toBe(500);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toMatchObject({ error: { reason: 'INTERNAL' } });
  }
  expect(await (await fetch(`${server.url}/fine`)).text()).toBe('ok');
});

test('a body is handed over whole, and one that is too large is answered with 413', async () => {
  const bodies: string[] = [];
  using server = await startListener({
    request: () => (body) => {
      bodies.push(Buffer.from(body).toString());
      return { status: 200 };
    },
  });
  const post = (body: string | ReadableStream) =>
    fetch(server.url, { method: 'POST', body, duplex: 'half' } as RequestInit);
  const stream = (pieces: string[]) =>
    new ReadableStream({
      async pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(piece));
      },
    });
  expect((await post('x'.repeat(1_000))).status).toBe(200);
  expect((await post(stream(['ab', 'cd', 'é']))).status).toBe(200);
  expect((await fetch(server.url)).status).toBe(200);
  expect(bodies).toEqual(['x'.repeat(1_000), 'abcdé', '']);

  const tooLarge = await post('x'.repeat(1_001));
  expect(tooLarge.status).toBe(413);
  expect(await tooLarge.json()).toMatchObject({ error: { reason: 'REQUEST_TOO_LARGE', details: { maxBytes: 1_000 } } });
  const socket = await rawRequest(server.port, 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n');
  socket.write(`3e9\r\n${'x'.repeat(1_001)}\r\n`);
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 413 /);
  expect(bodies).toHaveLength(3);
});

test('a client that goes away in the middle of its body or of its answer leaves nothing behind', async () => {
  let finish = () => {};
  let calls = 0;
  using server = await startListener({
    request: ({ path }) => {
      if (path === '/slow') {
        return () => {
          calls++;
          return new Promise((resolve) => {
            finish = () => resolve({ status: 200, body: 'too late' });
          });
        };
      }
      return () => ({ status: 200, body: `${++calls}` });
    },
  });
  const upload = await rawRequest(server.port, 'POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\nhalf');
  const waiting = await rawRequest(server.port, 'GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
  await eventually(() => calls === 1, 'the slow handler');
  upload.resetAndDestroy();
  waiting.resetAndDestroy();
  await Promise.all([once(upload, 'close'), once(waiting, 'close')]);
  expect(await (await fetch(`${server.url}/fine`)).text()).toBe('2');
  finish();
  expect(await (await fetch(`${server.url}/fine`)).text()).toBe('3');
});

test('HEAD says how long the body would be, 304 and 204 have none', async () => {
  using server = await startListener({
    request: ({ path }) => ({
      status: path === '/' ? 200 : Number(path.slice(1)),
      body: path === '/' ? 'twelve bytes' : '',
    }),
  });
  const head = await fetch(server.url, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe('12');
  expect(await head.text()).toBe('');
  expect((await fetch(`${server.url}/304`)).status).toBe(304);
  expect((await fetch(`${server.url}/204`)).status).toBe(204);
});

test('a large body reaches a client that reads it in small steps whole', async () => {
  const body = Buffer.alloc(20_000_000, 'abcdefg');
  using server = await startListener({ request: () => ({ status: 200, body }) });
  const socket = await rawRequest(server.port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  socket.pause();
  const pieces: Buffer[] = [];
  let size = 0;
  const whole = () => size > body.length && size - Buffer.concat(pieces).indexOf('\r\n\r\n') - 4 >= body.length;
  while (!whole()) {
    await once(socket, 'readable');
    for (let piece = socket.read() as Buffer | null; piece; piece = socket.read() as Buffer | null) {
      pieces.push(piece);
      size += piece.length;
    }
  }
  const all = Buffer.concat(pieces);
  expect(all.subarray(all.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true);
  socket.destroy();
});

test('a WebSocket handler that throws closes its socket with 1011, and others go on', async () => {
  const throwing = recordingSocket({
    message: () => {
      throw new Error('planted');
    },
  });
  const onOpen = recordingSocket({
    opened: () => {
      throw new Error('planted');
    },
  });
  const onClose = recordingSocket({
    closed: () => {
      throw new Error('planted');
    },
  });
  using server = await startListener({
    upgrade: ({ path }) => {
      if (path === '/upgrade') throw new Error('planted');
      const recording = { '/message': throwing, '/open': onOpen, '/close': onClose }[path];
      return { handlers: recording?.handlers ?? recordingSocket().handlers, subprotocol: '' };
    },
  });
  const first = await new TestSocket(`${server.wsUrl}/message`).opened();
  first.send('x');
  expect(await first.closing()).toEqual({ code: 1011, reason: 'INTERNAL' });
  expect(throwing.events).toEqual(['opened', 'message x', 'closed 1011 INTERNAL']);
  expect((await new TestSocket(`${server.wsUrl}/open`).closing()).code).toBe(1011);
  await (await new TestSocket(`${server.wsUrl}/close`).opened()).close();
  await expect(new TestSocket(`${server.wsUrl}/upgrade`).opened()).rejects.toThrow('500');
  const last = await new TestSocket(`${server.wsUrl}/fine`).opened();
  await last.close();
});

test('a socket that was closed takes everything and does nothing', async () => {
  const recording = recordingSocket();
  using server = await startListener({ upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }) });
  const client = await new TestSocket(server.wsUrl).opened();
  const socket = await recording.socket();
  client.ws.terminate();
  await eventually(() => recording.events[1]?.startsWith('closed 1006'), 'the close');
  socket.send('x', false);
  socket.sendAll(['x', new Uint8Array(3)], true);
  socket.end(1000, '');
  expect(socket.unsentBytes()).toBe(0);
  expect(recording.events).toHaveLength(2);
});

test('end() from within a message handler sends what was sent before, tells closed once, and hears nothing more', async () => {
  const recording = recordingSocket({
    message: async () => {
      const socket = await recording.socket();
      socket.send('one', false);
      socket.sendAll(['two', 'three'], false);
      socket.end(4400, 'ENOUGH');
      socket.send('four', false);
    },
  });
  using server = await startListener({ upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }) });
  const received: string[] = [];
  const client = new TestSocket(server.wsUrl);
  client.ws.removeAllListeners('message').on('message', (data) => received.push(String(data)));
  await client.opened();
  client.send('go');
  expect(await client.closing()).toEqual({ code: 4400, reason: 'ENOUGH' });
  expect(received).toEqual(['one', 'two', 'three']);
  expect(recording.events).toEqual(['opened', 'message go', 'closed 4400 ENOUGH']);
});

test('the subprotocol is the one that was decided on, not the first that was offered', async () => {
  using server = await startListener({
    upgrade: () => ({ handlers: recordingSocket().handlers, subprotocol: 'second' }),
  });
  const client = await new TestSocket(server.wsUrl, ['first', 'second']).opened();
  expect(client.ws.protocol).toBe('second');
  await client.close();
});

test('a message beyond the limit ends the connection', async () => {
  const recording = recordingSocket();
  using server = await startListener({ upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }) });
  const client = await new TestSocket(server.wsUrl).opened();
  client.send('x'.repeat(10_001));
  expect((await client.closing()).code).toBe(1006);
  expect(recording.events).toEqual(['opened', expect.stringMatching('closed 1006')]);
});

test('a client that is silent, and does not even answer pings, is closed', { timeout: 30_000 }, async () => {
  const recording = recordingSocket();
  using server = await startListener(
    { upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }) },
    { idleTimeoutSeconds: 8 },
  );
  const silent = await openRawWebSocket({ port: server.port, path: '/' });
  const answering = await new TestSocket(server.wsUrl).opened();
  silent.resume();
  await once(silent, 'close');
  expect(recording.events).toContainEqual(expect.stringMatching('closed 1006 .*timed out'));
  expect(answering.closed).toBeUndefined();
  await answering.close();
});

test('frames that break the protocol end their connection only', async () => {
  using server = await startListener({ upgrade: () => ({ handlers: recordingSocket().handlers, subprotocol: '' }) });
  const bad = {
    'invalid UTF-8': clientFrame(Buffer.from([0xff, 0xfe])),
    'a reserved opcode': clientFrame('x', 3),
    'a control frame in pieces': Buffer.from([0x09, 0x80, 0, 0, 0, 0]),
    'a length that is absurd': Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
  };
  for (const [what, frame] of Object.entries(bad)) {
    const socket = await openRawWebSocket({ port: server.port, path: '/' });
    socket.on('error', () => {});
    socket.resume();
    socket.write(frame);
    await once(socket, 'close', { signal: AbortSignal.timeout(5_000) }).catch(() => {
      throw new Error(`${what} was put up with`);
    });
  }
  await (await new TestSocket(server.wsUrl).opened()).close();
});

test('a request whose head is larger than the engine takes is answered with 431', async () => {
  using server = await startListener({ request: () => ({ status: 200 }) });
  const ask = (bytes: number) => fetch(server.url, { headers: { authorization: `Bearer ${'x'.repeat(bytes)}` } });
  expect((await ask(3_000)).status).toBe(200);
  expect((await ask(5_000)).status).toBe(431);
});

test('a port that is taken is an error that names it', async () => {
  using server = await startListener({});
  const attempt = startListener({}, { port: server.port });
  await expect(attempt).rejects.toThrow(StartError);
  await expect(attempt).rejects.toThrow(`The port ${server.port} of 127.0.0.1 is taken by another process.`);

  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(startListener({}, { port })).rejects.toThrow(`The port ${port} of 127.0.0.1 is taken`);
  other.close();
});

test('a host that is not of this machine is an error that names it', async () => {
  await expect(startListener({}, { host: '192.0.2.1' })).rejects.toThrow(
    '192.0.2.1 is not an address of this machine.',
  );
});

test('after stopListening() new connections are refused and those that are there go on', async () => {
  const recording = recordingSocket();
  using server = await startListener({ upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }) });
  const client = await new TestSocket(server.wsUrl).opened();
  server.listener.stopListening();
  server.listener.stopListening();
  await expect(new TestSocket(server.wsUrl).opened()).rejects.toThrow('ECONNREFUSED');
  client.send('still here');
  await eventually(() => recording.events.includes('message still here'), 'the message');
});
