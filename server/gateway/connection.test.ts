// Connections on /ws through the real engine: what clients may send, and what they are told when it is too much.

import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { EventMessage } from '../../core/event-message.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';
import { createEchoEdges } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type Answer, TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningGateway, startGateway } from '../../test/support/start-gateway.ts';

const json = (server: RunningGateway) => new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.json']).opened();
const ping = (id: number, payload = '') => ({ jsonrpc: '2.0', id, method: 'session.ping', params: { payload } });

const toFrame = (id: number, method: string, params: Uint8Array) =>
  encodeMessage('ClientFrame', { id, method, params });
const readFrame = (bytes: unknown) =>
  toPlain(decodeMessage('ServerFrame', bytes as Uint8Array)) as Record<string, unknown>;

test('calls are answered and events sent in both subprotocols', async () => {
  const edges = createEchoEdges();
  await using server = await startGateway({}, { edges });
  const first = await json(server);
  const second = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.protobuf']).opened();
  await first.call(1, 'room.join', { room: 'a' });
  second.send(toFrame(1, 'room.join', encodeMessage('JoinRequest', { room: 'a' })));
  await second.message(0);

  expect(await first.call(2, 'chat.send', { room: 'a', text: 'Grüß euch 👋' })).toMatchObject({
    result: { seq: 1, duplicate: false },
  });
  const event = await eventually(
    () => first.received.find((message) => (message as { method?: string }).method),
    'the event',
  );
  expect(event).toMatchObject({
    jsonrpc: '2.0',
    method: 'logRecords',
    params: { room: 'a', records: [{ seq: 1, message: { text: 'Grüß euch 👋' } }] },
  });
  expect(readFrame(await second.message(1))).toMatchObject({
    event: { logRecords: { records: [{ message: { text: 'Grüß euch 👋' } }] } },
  });
  expect(server.gateway.stats().connections).toEqual({ json: 1, protobuf: 1, chat: 0 });
});

test('a refusal says when to try again in both subprotocols', async () => {
  const edges = createEchoEdges({
    'chat.send': () => {
      throw new AppError('RATE_LIMITED', { what: 'calls of chat.send' }, { retryAfterMs: 70 });
    },
  });
  const clock = new FakeClock();
  await using server = await startGateway({ messageRate: { perSecond: 10, burst: 1 } }, { edges, clock });
  const text = await json(server);
  const binary = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.protobuf']).opened();
  for (const [id, retryAfterMs] of [
    [1, 70],
    [2, 100],
  ] as const) {
    // The first by the call's own rate, the second by that of the connection.
    expect((await text.call(id, 'chat.send')).error?.data).toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs });
    binary.send(toFrame(id, 'chat.send', new Uint8Array()));
    expect(readFrame(await binary.message(id - 1))).toMatchObject({ error: { reason: 'RATE_LIMITED', retryAfterMs } });
  }
});

test('answers and events arrive in the order in which they were made', async () => {
  let link: { send(event: EventMessage): void } | undefined;
  const edges = createEchoEdges({
    'media.restartIce': async (params) => params,
    'room.listPeers': (params, caller) => {
      link = caller;
      link.send(new EventMessage('tokenExpiring', { expiresAtMs: Number(params['n']) }));
      return params;
    },
  });
  await using server = await startGateway({}, { edges });
  const client = await json(server);
  for (let n = 0; n < 200; n++) {
    client.send({ jsonrpc: '2.0', id: 2 * n, method: 'room.listPeers', params: { n } });
    client.send({ jsonrpc: '2.0', id: 2 * n + 1, method: 'session.ping', params: {} });
  }
  await client.message(599);
  for (let n = 0; n < 200; n++) {
    expect(client.received.slice(3 * n, 3 * n + 3)).toMatchObject([
      { params: { expiresAtMs: n } },
      { id: 2 * n },
      { id: 2 * n + 1 },
    ]);
  }
});

test('a call that waits does not hold up others, and its answer is dropped when the connection is gone', async () => {
  let answer = (_result: object) => {};
  const edges = createEchoEdges({ 'room.leave': () => new Promise((resolve) => (answer = resolve)) });
  await using server = await startGateway({}, { edges });
  const client = await json(server);
  client.send({ jsonrpc: '2.0', id: 1, method: 'room.leave', params: {} });
  await client.call(2, 'session.ping');
  expect(client.received).toHaveLength(1);
  answer({});
  await client.message(1);
  client.send({ jsonrpc: '2.0', id: 3, method: 'room.leave', params: {} });
  await client.call(4, 'session.ping');
  await client.close();
  await eventually(() => edges.links.size === 0, 'the end of the connection');
  answer({});
  expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a call that fails tells an AppError, and of anything else INTERNAL only, with the cause in the log', async () => {
  const edges = createEchoEdges({
    'room.join': () => {
      throw new AppError('ROOM_FULL', { room: 'a', limit: 2 });
    },
    'room.leave': async () => {
      throw new AppError('CALL_TIMEOUT', { timeoutMs: 5 }, { retryAfterMs: 70 });
    },
    'chat.send': () => {
      throw new Error('the planted secret');
    },
    'room.listPeers': async () => {
      throw new Error('the planted secret');
    },
    'session.refresh': () => ({ size: 1n }),
  });
  await using server = await startGateway({}, { edges });
  const client = await json(server);
  expect((await client.call(1, 'room.join')).error).toMatchObject({ code: -32008, data: { reason: 'ROOM_FULL' } });
  expect((await client.call(2, 'room.leave')).error).toMatchObject({
    data: { reason: 'CALL_TIMEOUT', retryAfterMs: 70 },
  });
  for (const [id, method] of Object.entries(['chat.send', 'room.listPeers', 'session.refresh'])) {
    const { error } = await client.call(`x${id}`, method);
    expect(error, method).toMatchObject({ code: -32603, data: { reason: 'INTERNAL' } });
    expect(JSON.stringify(error)).not.toContain('secret');
  }
  const errors = server.logged.filter(({ level }) => level === 'error');
  expect(errors.map(({ fields }) => (fields as { method: string }).method)).toEqual([
    'chat.send',
    'room.listPeers',
    'session.refresh',
  ]);
  expect(errors[0]?.fields).toMatchObject({ err: { message: 'the planted secret' }, protocol: 'json' });
});

test('a notification is read, counted and not answered', async () => {
  await using server = await startGateway();
  const client = await json(server);
  client.send({ jsonrpc: '2.0', method: 'session.ping', params: {} });
  await client.call(1, 'session.ping');
  expect(client.received).toHaveLength(1);
  expect(server.gateway.stats()).toMatchObject({
    notificationsIgnored: 1,
    malformedFrames: 0,
    messagesIn: 2,
    messagesOut: 1,
  });
});

test('frames that cannot be read are answered, and after the eighth the connection is closed with BAD_FRAME', async () => {
  await using server = await startGateway();
  const client = await json(server);
  for (let n = 0; n < 7; n++) client.send('{"jsonrpc":');
  await client.call(1, 'session.ping');
  expect(client.received.slice(0, 7)).toEqual(
    new Array(7).fill(expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32700 }) })),
  );
  client.send(new Uint8Array([1, 2, 3]));
  client.send(ping(2));
  expect(await client.closing()).toEqual({ code: 4400, reason: 'BAD_FRAME' });
  expect((client.received[8] as Answer).error?.message).toContain('takes text frames, and this one is binary');
  expect(client.received).toHaveLength(9);
  expect(server.gateway.stats().malformedFrames).toBe(8);
});

test('a text frame on the binary subprotocol is answered in it', async () => {
  await using server = await startGateway();
  const client = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.protobuf']).opened();
  client.send('{"jsonrpc":"2.0"}');
  expect(readFrame(await client.message(0))).toMatchObject({ id: 0, error: { reason: 'BAD_FRAME' } });
  client.send(new Uint8Array([0xff, 0xff, 0xff]));
  expect(readFrame(await client.message(1))).toMatchObject({ id: 0, error: { reason: 'BAD_FRAME' } });
  client.send(toFrame(4, 'session.ping', encodeMessage('PingRequest', { payload: 'still here' })));
  expect(readFrame(await client.message(2))).toMatchObject({ id: 4 });
});

test('a frame that is a little too large is answered with FRAME_TOO_LARGE, and so is one of twice the size', async () => {
  await using server = await startGateway({ maxFrameBytes: 20_000 });
  const envelope = JSON.stringify(ping(1)).length;
  const fits = await json(server);
  fits.send(ping(1, 'x'.repeat(20_000 - envelope)));
  expect(await fits.message(0)).toMatchObject({ id: 1 });
  for (const length of [20_001 - envelope, 80_000]) {
    const client = await json(server);
    client.send(ping(1, 'x'.repeat(length)));
    expect(await client.closing()).toEqual({ code: 4400, reason: 'FRAME_TOO_LARGE' });
    expect(client.received).toMatchObject([
      { id: null, error: { data: { reason: 'FRAME_TOO_LARGE', details: { maxBytes: 20_000 } } } },
    ]);
  }
  await fits.close();
});

test('a connection has a number of open calls, and an id names one of them', async () => {
  const answers: ((result: object) => void)[] = [];
  const edges = createEchoEdges({ 'room.join': () => new Promise((resolve) => answers.push(resolve)) });
  await using server = await startGateway({ maxOpenCalls: 3 }, { edges });
  const client = await json(server);
  const join = (id: number) => client.send({ jsonrpc: '2.0', id, method: 'room.join', params: {} });
  join(1);
  join(2);
  join(2);
  expect(await client.message(0)).toMatchObject({
    id: null,
    error: { data: { details: { problem: expect.stringContaining('open') } } },
  });
  join(3);
  join(4);
  expect(await client.message(1)).toMatchObject({
    id: 4,
    error: { data: { reason: 'TOO_MANY_CALLS', details: { limit: 3 } } },
  });
  answers[0]?.({});
  await client.message(2);
  join(1);
  await eventually(() => answers.length === 4, 'the call');
  expect(client.received).toHaveLength(3);
});

test('messages over the rate are answered with when to try again; who goes on regardless is closed', async () => {
  const clock = new FakeClock();
  await using server = await startGateway({ messageRate: { perSecond: 10, burst: 5 } }, { clock });
  const client = await json(server);
  for (let id = 0; id < 6; id++) client.send(ping(id));
  expect(await client.message(5)).toMatchObject({
    id: 5,
    error: { data: { reason: 'RATE_LIMITED', retryAfterMs: 100 } },
  });
  clock.advance(100);
  expect((await client.call(6, 'session.ping')).result).toEqual({ payload: '' });
  for (let id = 7; id < 300; id++) client.send(ping(id));
  expect(await client.closing()).toEqual({ code: 4429, reason: 'RATE_LIMITED' });
  expect(client.received.at(-1)).toMatchObject({ method: 'sessionClosing', params: { reason: 'RATE_LIMITED' } });
  expect(server.gateway.stats().rateLimited).toBe(202);
  // What was refused was answered: 1 before, 200 later.
  expect(client.answers().filter(({ error }) => error?.data.reason === 'RATE_LIMITED')).toHaveLength(201);
});

test('all connections of one address share a rate', async () => {
  const clock = new FakeClock();
  await using server = await startGateway({ messageRatePerIp: { perSecond: 1, burst: 4 } }, { clock });
  const [first, second] = [await json(server), await json(server)];
  for (let id = 0; id < 3; id++) await first.call(id, 'session.ping');
  expect((await second.call(1, 'session.ping')).result).toBeDefined();
  expect((await second.call(2, 'session.ping')).error?.data).toMatchObject({
    reason: 'RATE_LIMITED',
    retryAfterMs: 1_000,
  });
  expect((await first.call(9, 'session.ping')).error?.data.reason).toBe('RATE_LIMITED');
});

test('close() sends what was queued, then the reason; what follows does nothing and the end is told once', async () => {
  let ends = 0;
  const edges = createEchoEdges({
    'room.leave': (_params, link) => {
      link.send(new EventMessage('sessionClosing', { reason: 'TOKEN_EXPIRED' }));
      link.close('TOKEN_EXPIRED');
      link.close('INTERNAL');
      link.send(new EventMessage('tokenExpiring', { expiresAtMs: 1 }));
      return {};
    },
  });
  const accept = edges.accept;
  edges.accept = (link, token) => {
    const endpoint = accept(link, token);
    return { call: endpoint.call, closed: () => void ends++ };
  };
  await using server = await startGateway({}, { edges });
  const client = await json(server);
  client.send({ jsonrpc: '2.0', id: 1, method: 'room.leave', params: {} });
  client.send(ping(2));
  expect(await client.closing()).toEqual({ code: 4401, reason: 'TOKEN_EXPIRED' });
  expect(client.received).toMatchObject([{ method: 'sessionClosing', params: { reason: 'TOKEN_EXPIRED' } }]);
  expect(ends).toBe(1);
  expect(server.gateway.stats().connections.json).toBe(0);
});

test('who may not come in is told why before the close', async () => {
  const edges = createEchoEdges();
  edges.accept = () => {
    throw new AppError('SERVER_DRAINING', {}, { retryAfterMs: 900 });
  };
  await using server = await startGateway({}, { edges });
  const client = new TestSocket(`${server.wsOrigin}/ws`);
  expect(await client.closing()).toEqual({ code: 4503, reason: 'SERVER_DRAINING' });
  expect(client.received).toMatchObject([
    { id: null, error: { data: { reason: 'SERVER_DRAINING', retryAfterMs: 900 } } },
  ]);
});

test('close() of the gateway tells every client that the server stops', async () => {
  const server = await startGateway();
  const clients = await Promise.all([json(server), json(server)]);
  const chat = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  await Promise.all([server.gateway.close(), server.gateway.close()]);
  for (const client of [...clients, chat]) {
    expect(await client.closing()).toEqual({ code: 4503, reason: 'SERVER_DRAINING' });
  }
  expect(server.gateway.stats().connections).toEqual({ json: 0, protobuf: 0, chat: 0 });
});
