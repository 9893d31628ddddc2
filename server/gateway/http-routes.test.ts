import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { exchangeTcp, httpRequest, openTcp } from '../../test/support/http-request.ts';
import { type RunningGateway, startGateway } from '../../test/support/start-gateway.ts';
import type { Gateway } from './create-gateway.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { type HttpRequest, HttpRoutes } from './http-routes.ts';

let running: RunningGateway | undefined;
afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

async function serve(prepare: (gateway: Gateway) => void, options: Partial<GatewayOptions> = {}) {
  running = await startGateway(options, { prepare });
  return running;
}

/** Proves that the process lives and serves. */
async function expectAlive(port: number): Promise<void> {
  expect((await httpRequest(port, '/alive')).text()).toBe('yes');
}

const alive = (gateway: Gateway) => gateway.route('GET', '/alive', () => ({ status: 200, body: 'yes' }));

describe('a route', () => {
  test('gets method, path, query, headers, body and address, as copies that stay', async () => {
    const requests: HttpRequest[] = [];
    const { port } = await serve((gateway) =>
      gateway.route('POST', '/a/b', async (request) => {
        requests.push(request);
        await new Promise((resolve) => setImmediate(resolve));
        return { status: 201, headers: { 'content-type': 'text/plain', 'x-two': 'b' }, body: 'made' };
      }),
    );
    const answer = await httpRequest(port, '/a/b?x=1&x=2&name=Zo%C3%AB+B', {
      method: 'POST',
      headers: { 'X-One': 'a', 'X-Many': ['1', '2'] },
      body: 'räksmörgås',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'content-type': 'text/plain', 'x-two': 'b' } });
    expect(answer.text()).toBe('made');
    // Other requests reuse the memory of the first.
    for (let i = 0; i < 20; i++) await httpRequest(port, `/a/b?x=${'z'.repeat(50)}`, { method: 'POST', body: 'other' });

    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', path: '/a/b', remoteAddress: '127.0.0.1' });
    expect([...request!.query]).toEqual([
      ['x', '1'],
      ['x', '2'],
      ['name', 'Zoë B'],
    ]);
    expect(request?.headers).toMatchObject({ 'x-one': 'a', 'x-many': '1, 2', host: `127.0.0.1:${port}` });
    expect(Buffer.from(request!.body).toString()).toBe('räksmörgås');
  });

  test('names its headers apart from what every object has', async () => {
    const seen: unknown[] = [];
    const { port } = await serve((gateway) =>
      gateway.route('GET', '/', ({ headers }) => {
        seen.push(headers['constructor']);
        return { status: 204 };
      }),
    );
    await httpRequest(port, '/');
    await httpRequest(port, '/', { headers: { constructor: 'c' } });
    expect(seen).toEqual([undefined, 'c']);
  });

  test('gets a body of many pieces whole and in order', async () => {
    const sent = randomBytes(3_000_000);
    const { port } = await serve(
      (gateway) =>
        gateway.route('PUT', '/hash', ({ body }) => ({
          status: 200,
          body: createHash('sha256').update(body).digest('hex'),
        })),
      { maxRequestBytes: sent.length },
    );
    const answer = await httpRequest(port, '/hash', { method: 'PUT', body: sent });
    expect(answer.text()).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  test('sends an answer of many pieces whole and in order', async () => {
    const body = randomBytes(5_000_000);
    const { port } = await serve((gateway) => gateway.route('GET', '/large', () => ({ status: 200, body })));
    const answer = await httpRequest(port, '/large');
    expect(answer.headers['content-length']).toBe(String(body.length));
    expect(answer.body.equals(body)).toBe(true);
  });

  test('answers HEAD as GET without the body, with its length', async () => {
    const methods: string[] = [];
    const { port } = await serve((gateway) =>
      gateway.route('GET', '/page', ({ method }) => {
        methods.push(method);
        return { status: 200, headers: { etag: '"1"' }, body: 'åtta' };
      }),
    );
    const socket = await openTcp(port);
    socket.write('HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    socket.write('GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const rest = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    expect(head.toString()).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*etag: "1"\r\n[\s\S]*content-length: 5\r\n[\s\S]*\r\n\r\n$/i,
    );
    // Whatever came behind the head would be read as the start of the next answer.
    expect(rest).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nåtta$/);
    expect(methods).toEqual(['GET', 'GET']);
  });

  test('204 has neither a body nor a Content-Length', async () => {
    const { port } = await serve((gateway) => gateway.route('DELETE', '/x', () => ({ status: 204 })));
    const answer = await httpRequest(port, '/x', { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.body).toHaveLength(0);
  });

  test('added twice is a mistake that is named', () => {
    const routes = new HttpRoutes(silentLogger);
    routes.add('GET', '/x', () => ({ status: 200 }));
    routes.add('POST', '/x', () => ({ status: 200 }));
    expect(() => routes.add('GET', '/x', () => ({ status: 200 }))).toThrow('the route GET /x exists already');
  });
});

describe('a route under a prefix', () => {
  test('answers all that starts so; one with more of the path and an exact one go before', async () => {
    const saying = (body: string) => () => ({ status: 200, body });
    const { port } = await serve((gateway) => {
      gateway.routeUnder('GET', '/a/', saying('under a'));
      gateway.routeUnder('GET', '/a/b/', saying('under b'));
      gateway.route('GET', '/a/b/c', saying('exact'));
      gateway.routeUnder('OPTIONS', '/a/', () => ({ status: 204, headers: { 'accept-post': 'application/sdp' } }));
    });
    const texts = ['/a/x', '/a/b', '/a/b/x', '/a/b/c', '/a/'].map(async (path) =>
      (await httpRequest(port, path)).text(),
    );
    expect(await Promise.all(texts)).toEqual(['under a', 'under a', 'under b', 'exact', 'under a']);
    expect((await httpRequest(port, '/a')).status).toBe(404);
    const asked = await httpRequest(port, '/a/x', { method: 'OPTIONS' });
    expect([asked.status, asked.headers['accept-post']]).toEqual([204, 'application/sdp']);
    expect((await httpRequest(port, '/a/x', { method: 'DELETE' })).headers.allow).toBe('GET, OPTIONS, HEAD');
  });

  test('is one that ends with a slash, and exists once', () => {
    const routes = new HttpRoutes(silentLogger);
    const handler = () => ({ status: 200 });
    expect(() => routes.addUnder('GET', '/a', handler)).toThrow('no folder');
    routes.addUnder('GET', '/a/', handler);
    expect(() => routes.addUnder('GET', '/a/', handler)).toThrow('exists already');
  });
});

describe('what no route answers', () => {
  test.each(['/nothing', '/', '/Alive', '/alive/', '/alive/x', '/%61live', '//alive', '/constructor', '/__proto__'])(
    '%s is answered with 404 ROUTE_NOT_FOUND',
    async (path) => {
      const { port } = await serve(alive);
      const answer = await httpRequest(port, path);
      expect(answer.status).toBe(404);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      expect(answer.json()).toEqual({
        error: {
          code: 'NOT_FOUND',
          reason: 'ROUTE_NOT_FOUND',
          message: 'There is nothing at this address.',
          details: {},
        },
      });
    },
  );

  test('another method is answered with 405 and what Allow could be', async () => {
    const { port } = await serve((gateway) => {
      gateway.route('GET', '/x', () => ({ status: 200 }));
      gateway.route('PUT', '/x', () => ({ status: 200 }));
      gateway.route('POST', '/post-only', () => ({ status: 200 }));
    });
    const answer = await httpRequest(port, '/x', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, PUT, HEAD');
    expect(answer.json()).toMatchObject({ error: { reason: 'UNKNOWN_METHOD', message: 'There is no method DELETE.' } });
    const head = await httpRequest(port, '/post-only', { method: 'HEAD' });
    expect(head.status).toBe(405);
    expect(head.headers['allow']).toBe('POST');
  });

  test('a method that nobody knows is answered with 405, cut to a sane length', async () => {
    const { port } = await serve(alive);
    const method = 'BREW'.repeat(20);
    const answer = await exchangeTcp(port, `${method} /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toContain(`There is no method ${method.slice(0, 32)}.`);
    await expectAlive(port);
  });

  test.each(['/ws', '/chat'])('%s without an upgrade is answered with 426', async (path) => {
    const { port } = await serve(alive);
    const answer = await httpRequest(port, path);
    expect(answer.status).toBe(426);
    expect(answer.headers['upgrade']).toBe('websocket');
    expect(answer.json()).toMatchObject({ error: { reason: 'BAD_REQUEST', details: { field: 'Upgrade' } } });
  });
});

describe('a body over the bound', () => {
  const maxRequestBytes = 1_000;
  const calls: number[] = [];
  const takesBody = (gateway: Gateway) => {
    calls.length = 0;
    alive(gateway);
    gateway.route('POST', '/body', ({ body }) => {
      calls.push(body.length);
      return { status: 200, body: String(body.length) };
    });
  };

  test('is answered with 413 and the bound; at the bound it is taken', async () => {
    const { port } = await serve(takesBody, { maxRequestBytes });
    const taken = await httpRequest(port, '/body', { method: 'POST', body: 'x'.repeat(maxRequestBytes) });
    expect(taken.text()).toBe('1000');
    const refused = await httpRequest(port, '/body', { method: 'POST', body: 'x'.repeat(maxRequestBytes + 1) });
    expect(refused.status).toBe(413);
    expect(refused.json()).toMatchObject({ error: { reason: 'REQUEST_TOO_LARGE', details: { maxBytes: 1_000 } } });
    expect(calls).toEqual([1_000]);
  });

  test('is refused by its announced length, before it is sent, and the connection ends', async () => {
    const { port } = await serve(takesBody, { maxRequestBytes });
    const answer = await exchangeTcp(port, 'POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(calls).toEqual([]);
    await expectAlive(port);
  });

  test('is refused when it comes in chunks of no announced length', async () => {
    const { port } = await serve(takesBody, { maxRequestBytes });
    const chunk = `100\r\n${'x'.repeat(0x100)}\r\n`;
    const head = 'POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await exchangeTcp(port, head + chunk.repeat(10))).toMatch(/^HTTP\/1\.1 413 /);
    expect(calls).toEqual([]);
    await expectAlive(port);
  });
});

describe('a client that goes away', () => {
  test('in the middle of its body costs nothing: the route is not called', async () => {
    let calls = 0;
    const { port, logged } = await serve((gateway) => {
      alive(gateway);
      gateway.route('POST', '/body', () => {
        calls++;
        return { status: 200 };
      });
    });
    for (let i = 0; i < 50; i++) {
      const socket = await openTcp(port);
      socket.write('POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it');
      // Read by the server before it ends: what follows on another connection is read later.
      await expectAlive(port);
      if (i % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await expectAlive(port);
    expect(calls).toBe(0);
    expect(logged).toEqual([]);
  });

  test('while its answer is being made costs nothing: the answer goes nowhere', async () => {
    const finish: (() => void)[] = [];
    const { port, gateway, logged } = await serve((it) => {
      alive(it);
      it.route('GET', '/slow', async () => {
        await new Promise<void>((resolve) => finish.push(resolve));
        return { status: 200, body: 'late' };
      });
    });
    const socket = await openTcp(port);
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => finish.length === 1, 'the slow route being asked');
    socket.resetAndDestroy();
    await once(socket, 'close');
    await expectAlive(port);
    finish[0]?.();
    await expectAlive(port);
    expect(logged).toEqual([]);
    expect(gateway.stats().httpRequests).toBe(3);
  });

  test('in the middle of a large answer costs nothing', async () => {
    const body = randomBytes(20_000_000);
    const { port, logged } = await serve((gateway) => {
      alive(gateway);
      gateway.route('GET', '/large', () => ({ status: 200, body }));
    });
    const socket = await openTcp(port);
    socket.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.resetAndDestroy();
    await expectAlive(port);
    expect(logged).toEqual([]);
  });
});

describe('a handler that fails', () => {
  test.each([
    [
      'throws at once',
      () => {
        throw new Error('the secret is 1234');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the secret is 1234'))],
    [
      'throws no error',
      () => {
        throw undefined;
      },
    ],
    ['answers with nothing', () => undefined as never],
    ['answers with a header that holds a line break', () => ({ status: 200, headers: { a: 'b\r\nset-cookie: c' } })],
  ])('and %s is answered with 500 INTERNAL that tells nothing; the process lives', async (_, handler) => {
    const { port, logged } = await serve((gateway) => {
      alive(gateway);
      gateway.route('GET', '/broken', handler);
    });
    const answer = await httpRequest(port, '/broken');
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({ error: { code: 'INTERNAL', reason: 'INTERNAL', details: {} } });
    expect(answer.text()).not.toContain('secret');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ level: 'error' });
    await expectAlive(port);
  });

  test('with an AppError is answered by its code, and not logged as a fault', async () => {
    const { port, logged } = await serve((gateway) => {
      gateway.route('GET', '/full', () => {
        throw new AppError('ROOM_FULL', { room: 'standup', limit: 2 }, { retryAfterMs: 1_500 });
      });
      gateway.route('GET', '/expired', () => Promise.reject(new AppError('TOKEN_EXPIRED')));
    });
    const full = await httpRequest(port, '/full');
    expect(full.status).toBe(429);
    expect(full.headers['retry-after']).toBe('2');
    expect(full.json()).toMatchObject({ error: { reason: 'ROOM_FULL', retryAfterMs: 1_500 } });
    expect((await httpRequest(port, '/expired')).status).toBe(401);
    expect(logged).toEqual([]);
  });
});
