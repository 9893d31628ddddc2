import { afterEach, describe, expect, test } from 'vitest';
import { createEchoEdges } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import { httpRequest } from '../../test/support/http-request.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningGateway, startGateway } from '../../test/support/start-gateway.ts';
import type { GatewayOptions } from './gateway-options.ts';

const json = 'parley.v1.json';
const protobuf = 'parley.v1.protobuf';

let running: RunningGateway | undefined;
afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

async function serve(options: Partial<GatewayOptions> = {}) {
  const edges = createEchoEdges();
  running = await startGateway(options, { edges });
  return { ...running, edges };
}

/** An upgrade that is answered like any request, as one that is refused is. */
function askForUpgrade(port: number, path: string, headers: Readonly<Record<string, string>> = {}) {
  return httpRequest(port, path, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
}

describe('the subprotocol', () => {
  test.each([
    [[json], json, 'json'],
    [[protobuf], protobuf, 'protobuf'],
    [[json, protobuf], json, 'json'],
    [[protobuf, json], protobuf, 'protobuf'],
    [['mqtt', protobuf], protobuf, 'protobuf'],
    [[], '', 'json'],
  ] as const)('of a client that offers [%s] is "%s", spoken as %s', async (offered, chosen, spoken) => {
    const { wsOrigin, gateway } = await serve();
    const client = await new TestSocket(`${wsOrigin}/ws`, [...offered]).opened();
    expect(client.ws.protocol).toBe(chosen);
    expect(gateway.stats().connections).toEqual({ json: 0, protobuf: 0, chat: 0, [spoken]: 1 });
    await client.close();
  });

  test('is JSON-RPC for a client that names none', async () => {
    const { wsOrigin } = await serve();
    const client = await new TestSocket(`${wsOrigin}/ws`).opened();
    expect((await client.call(1, 'session.ping', { payload: 'x' })).result).toEqual({ payload: 'x' });
    await client.close();
  });

  test.each(['mqtt', 'mqtt, graphql-ws', 'PARLEY.V1.JSON', 'parley.v1'])(
    'that nobody speaks here, as "%s", is refused with 400 naming both that are',
    async (offered) => {
      const { port, gateway } = await serve();
      const answer = await askForUpgrade(port, '/ws', { 'sec-websocket-protocol': offered });
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({
        error: {
          reason: 'BAD_REQUEST',
          message: `Sec-WebSocket-Protocol must offer ${json} or ${protobuf}.`,
          details: { field: 'Sec-WebSocket-Protocol' },
        },
      });
      expect(gateway.stats().refused).toEqual({ BAD_REQUEST: 1 });
    },
  );
});

describe('the Origin of a page', () => {
  test('elsewhere is refused with 403 on both addresses, and no edge hears of it', async () => {
    const { port, edges, gateway } = await serve({ allowedOrigins: ['https://app.example.org'] });
    for (const path of ['/ws', '/chat?room=a']) {
      const answer = await askForUpgrade(port, path, { origin: 'https://evil.example' });
      expect(answer.status).toBe(403);
      expect(answer.json()).toMatchObject({ error: { reason: 'ORIGIN_REFUSED', code: 'PERMISSION_DENIED' } });
    }
    expect(edges.links.size + edges.upgradeTokens.length + edges.plainRequests.length).toBe(0);
    expect(gateway.stats().refused).toEqual({ ORIGIN_REFUSED: 2 });
  });

  test('on the list, or of this very host, is let in', async () => {
    const { wsOrigin, url } = await serve({ allowedOrigins: ['https://app.example.org'] });
    for (const origin of ['https://app.example.org', url]) {
      const client = await new TestSocket(`${wsOrigin}/ws`, [json], { origin }).opened();
      await client.close();
    }
  });
});

describe('the token', () => {
  async function tokenThatArrives(query: string, headers: Record<string, string> = {}) {
    const { wsOrigin, edges, logged } = await serve();
    const client = await new TestSocket(`${wsOrigin}/ws${query}`, [json], { headers }).opened();
    await eventually(() => edges.upgradeTokens.length === 1, 'the connection at the edge');
    await client.close();
    expect(JSON.stringify(logged)).not.toContain('a.b-c_d');
    return edges.upgradeTokens[0];
  }

  test.each([
    ['from the Authorization header', '', { authorization: 'Bearer a.b-c_d' }, 'a.b-c_d'],
    ['whatever the case of its scheme', '', { authorization: 'bearer   a.b-c_d' }, 'a.b-c_d'],
    ['from the query', '?access_token=a.b-c_d', {}, 'a.b-c_d'],
    ['decoded', '?x=1&access_token=a%2Eb-c_d', {}, 'a.b-c_d'],
    ['from the header rather than the query', '?access_token=other', { authorization: 'Bearer a.b-c_d' }, 'a.b-c_d'],
    ['not from another scheme', '', { authorization: 'Basic a.b-c_d' }, undefined],
    ['not in pieces', '', { authorization: 'Bearer a.b-c_d and more' }, undefined],
    ['not when it is empty', '?access_token=', {}, undefined],
    ['not when there is none', '', {}, undefined],
  ])('reaches the edges %s', async (_, query, headers, expected) => {
    expect(await tokenThatArrives(query, headers as Record<string, string>)).toBe(expected);
  });

  test('reaches the plain chat with its room and its user', async () => {
    const { wsOrigin, edges } = await serve();
    const headers = { authorization: 'Bearer a.b-c_d' };
    const first = await new TestSocket(`${wsOrigin}/chat?room=caf%C3%A9&user=Zo%C3%AB`, [], { headers }).opened();
    const second = await new TestSocket(`${wsOrigin}/chat?access_token=query`).opened();
    await eventually(() => edges.plainRequests.length === 2, 'both at the edge');
    expect(edges.plainRequests).toEqual([
      { room: 'café', user: 'Zoë', token: 'a.b-c_d' },
      { room: '', user: undefined, token: 'query' },
    ]);
    await Promise.all([first.close(), second.close()]);
  });
});

test.each(['/', '/wss', '/ws/', '/ws/x', '/chat/', '/alive', '/WS'])(
  'an upgrade at %s is answered with 404',
  async (path) => {
    const { port } = await serve();
    const answer = await askForUpgrade(port, path);
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ error: { reason: 'ROUTE_NOT_FOUND' } });
  },
);

describe('a crowd', () => {
  // Slower than any test: no token comes back while it runs.
  const oncePerDay = (burst: number) => ({ perSecond: 1 / 86_400, burst });

  test('from one address is refused with 429 and Retry-After, and others come in', async () => {
    const { wsOrigin, port, gateway } = await serve({ maxConnectionsPerIp: 2, trustedProxies: ['127.0.0.1'] });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const open = (address: string) => new TestSocket(`${wsOrigin}/ws`, [json], { headers: from(address) }).opened();
    const first = await open('203.0.113.7');
    await open('203.0.113.7');
    const refused = await askForUpgrade(port, '/ws', from('203.0.113.7'));
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.json()).toMatchObject({ error: { reason: 'TOO_MANY_CONNECTIONS', details: { scope: 'address' } } });
    await open('203.0.113.8');

    await first.close();
    await eventually(() => gateway.stats().connections.json === 2, 'the place being given back');
    await open('203.0.113.7');
    expect(gateway.stats().refused).toEqual({ TOO_MANY_CONNECTIONS: 1 });
  });

  test('cannot get round that limit by forging X-Forwarded-For', async () => {
    const { wsOrigin, port } = await serve({ maxConnectionsPerIp: 1, trustedProxies: ['10.0.0.0/8'] });
    await new TestSocket(`${wsOrigin}/ws`, [json], { headers: { 'x-forwarded-for': '203.0.113.1' } }).opened();
    expect((await askForUpgrade(port, '/ws', { 'x-forwarded-for': '203.0.113.2' })).status).toBe(429);
  });

  test('from everywhere is refused with 503 and Retry-After once the server is full', async () => {
    const { wsOrigin, port } = await serve({ maxConnections: 1, trustedProxies: ['127.0.0.1'] });
    await new TestSocket(`${wsOrigin}/chat?room=a`, [], { headers: { 'x-forwarded-for': '203.0.113.1' } }).opened();
    const refused = await askForUpgrade(port, '/ws', { 'x-forwarded-for': '203.0.113.2' });
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.json()).toMatchObject({ error: { reason: 'TOO_MANY_CONNECTIONS', details: { scope: 'server' } } });
  });

  test('of upgrades costs one of the rate each, and requests are counted with them', async () => {
    const { wsOrigin, port, gateway } = await serve({ connectionRate: oncePerDay(3) });
    await new TestSocket(`${wsOrigin}/ws`, [json]).opened();
    await new TestSocket(`${wsOrigin}/chat?room=a`).opened();
    expect((await httpRequest(port, '/nothing')).status).toBe(404);
    for (const refused of [await askForUpgrade(port, '/ws'), await httpRequest(port, '/nothing')]) {
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(80_000);
      expect(refused.json()).toMatchObject({ error: { reason: 'RATE_LIMITED' } });
    }
    expect(gateway.stats().refused).toEqual({ RATE_LIMITED: 2, ROUTE_NOT_FOUND: 1 });
  });

  test('of refused upgrades uses the rate up too, and holds no places', async () => {
    const { port, wsOrigin } = await serve({ connectionRate: oncePerDay(4), maxConnectionsPerIp: 1 });
    for (let i = 0; i < 3; i++) {
      expect((await askForUpgrade(port, '/ws', { 'sec-websocket-protocol': 'mqtt' })).status).toBe(400);
    }
    await new TestSocket(`${wsOrigin}/ws`, [json]).opened();
    expect((await askForUpgrade(port, '/ws')).json()).toMatchObject({ error: { reason: 'RATE_LIMITED' } });
  });
});
