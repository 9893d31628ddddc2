import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { exchangeTcp, httpRequest, openTcp } from '../../test/support/http-request.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { startGateway } from '../../test/support/start-gateway.ts';
import { StartError } from '../start-error.ts';

test('port 0 is a free port, which the address names', async () => {
  await using one = await startGateway();
  await using other = await startGateway();
  expect(one.port).toBeGreaterThan(0);
  expect(other.port).not.toBe(one.port);
  expect(one.url).toBe(`http://127.0.0.1:${one.port}`);
  expect((await httpRequest(one.port, '/nothing')).status).toBe(404);
});

test('a host for all addresses is told as localhost, where a browser finds it', async () => {
  await using all = await startGateway({ host: '0.0.0.0' });
  expect(all.url).toBe(`http://localhost:${all.port}`);
  expect((await httpRequest(all.port, '/nothing')).status).toBe(404);
});

test('a gateway whose port is taken says which, and the one that has it goes on', async () => {
  await using first = await startGateway();
  const error = await startGateway({ port: first.port }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartError);
  expect(error).toMatchObject({
    step: 'listening',
    message: `The port ${first.port} of 127.0.0.1 is taken by another process.`,
    mend: expect.stringContaining('--port'),
  });
  expect((await httpRequest(first.port, '/nothing')).status).toBe(404);
});

test('a port is free again once its gateway is closed', async () => {
  const { port, gateway } = await startGateway();
  await gateway.close();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

test('stopAccepting() lets nobody in; those that are there go on, and HTTP tells whoever asks', async () => {
  await using running = await startGateway(
    {},
    { prepare: (gateway) => gateway.route('GET', '/ready', () => ({ status: 503 })) },
  );
  const { port, gateway, wsOrigin } = running;
  const client = await new TestSocket(`${wsOrigin}/ws`).opened();

  gateway.stopAccepting();
  gateway.stopAccepting();
  expect((await client.call(1, 'session.ping', { payload: 'still' })).result).toEqual({ payload: 'still' });
  expect((await httpRequest(port, '/ready')).status).toBe(503);

  const newcomer = await openTcp(port);
  newcomer.write(
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [answer] = (await once(newcomer, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer.toString()).toContain('SERVER_DRAINING');
  newcomer.destroy();
});

test('close() tells every WebSocket SERVER_DRAINING, whatever it speaks, and twice is once', async () => {
  const { gateway, wsOrigin, port } = await startGateway();
  const clients = await Promise.all([
    new TestSocket(`${wsOrigin}/ws`, ['parley.v1.json']).opened(),
    new TestSocket(`${wsOrigin}/ws`, ['parley.v1.protobuf']).opened(),
    new TestSocket(`${wsOrigin}/chat?room=a`).opened(),
  ]);
  await Promise.all([gateway.close(), gateway.close()]);
  await gateway.close();
  for (const client of clients) expect(await client.closing()).toEqual({ code: 4503, reason: 'SERVER_DRAINING' });
  expect(gateway.stats().connections).toEqual({ json: 0, protobuf: 0, chat: 0 });
  await expect(openTcp(port)).rejects.toThrow('ECONNREFUSED');
});

test('close() ends HTTP connections that are open, half a request too', async () => {
  const { gateway, port } = await startGateway();
  const half = exchangeTcp(port, 'POST /nothing HTTP/1.1\r\nHost: a\r\nContent-');
  // Served behind the other on the same listener: by then the half request was taken in.
  expect((await httpRequest(port, '/nothing')).status).toBe(404);
  await gateway.close();
  expect(await half.catch(() => '')).toBe('');
});

test('a gateway that never listened can be closed', async () => {
  await using taken = await startGateway();
  await startGateway({ port: taken.port }, { prepare: (gateway) => void gateway.close() }).catch(() => {});
  expect((await httpRequest(taken.port, '/nothing')).status).toBe(404);
});
