// Connections on /chat through the real engine.

import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import type { PlainChatEndpoint, PlainChatHistory } from '../../signaling/endpoints.ts';
import { createEchoEdges, toRecord } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { startGateway } from '../../test/support/start-gateway.ts';

const message = (content: string) => ({ type: 'message', content, user: 'Ada' });

test('a message reaches everyone in the room, in the shape in which it came', async () => {
  const edges = createEchoEdges();
  await using server = await startGateway({}, { edges });
  const ada = await new TestSocket(`${server.wsOrigin}/chat?room=a&user=Ada&access_token=t.o.k`).opened();
  const ben = await new TestSocket(`${server.wsOrigin}/chat?room=a&user=Ben%20B`).opened();
  const elsewhere = await new TestSocket(`${server.wsOrigin}/chat?room=b`).opened();
  ada.send(message('Grüß dich'));
  const expected = { type: 'message', content: 'Grüß dich', user: 'Ada' };
  expect(await ben.message(0)).toMatchObject(expected);
  expect(await ada.message(0)).toMatchObject(expected);
  expect(edges.plainRequests).toEqual([
    { room: 'a', user: 'Ada', token: 't.o.k' },
    { room: 'a', user: 'Ben B', token: undefined },
    { room: 'b', user: undefined, token: undefined },
  ]);
  expect(server.gateway.stats().connections.chat).toBe(3);
  await Promise.all([ada.close(), ben.close(), elsewhere.close()]);
  await eventually(() => edges.links.size === 0, 'the end of the connections');
  expect(elsewhere.received).toEqual([]);
});

test('a chat client and a client of /ws meet in one room', async () => {
  await using server = await startGateway();
  const chat = await new TestSocket(`${server.wsOrigin}/chat?room=a&user=Ada`).opened();
  const sdk = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.json']).opened();
  await sdk.call(1, 'room.join', { room: 'a' });
  chat.send(message('from chat'));
  expect(await sdk.message(1)).toMatchObject({
    method: 'logRecords',
    params: { records: [{ seq: 1, message: { text: 'from chat' } }] },
  });
  await sdk.call(2, 'chat.send', { room: 'a', text: 'from ws' });
  expect(await chat.message(1)).toMatchObject({ type: 'message', content: 'from ws', seq: 2 });
});

test('what is wrong is told as an error, and the connection goes on', async () => {
  await using server = await startGateway();
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  client.send('hello');
  client.send(new Uint8Array([1]));
  client.send({ type: 'message' });
  client.send(message('fine'));
  await client.message(3);
  expect(client.received).toMatchObject([
    { type: 'error', reason: 'BAD_FRAME', content: 'The frame could not be read: it is not JSON.' },
    { type: 'error', reason: 'BAD_FRAME' },
    { type: 'error', reason: 'BAD_REQUEST', content: 'content is required.' },
    { type: 'message', content: 'fine' },
  ]);
  expect(server.gateway.stats().malformedFrames).toBe(2);
});

test('who may not be in the room is told why, then the connection is closed with it', async () => {
  await using server = await startGateway();
  const client = new TestSocket(`${server.wsOrigin}/chat?room=closed`);
  expect(await client.closing()).toEqual({ code: 4429, reason: 'ROOM_FULL' });
  expect(client.received).toEqual([
    { type: 'error', reason: 'ROOM_FULL', content: 'The room closed is full: it holds 1.' },
  ]);
});

test('a failure of the server’s own is INTERNAL to the client and whole in the log', async () => {
  const edges = createEchoEdges();
  edges.acceptPlainChat = () => Promise.reject(new Error('the planted secret'));
  await using server = await startGateway({}, { edges });
  const client = new TestSocket(`${server.wsOrigin}/chat?room=a`);
  expect(await client.closing()).toEqual({ code: 4500, reason: 'INTERNAL' });
  expect(JSON.stringify(client.received)).not.toContain('secret');
  expect(server.logged).toContainEqual(
    expect.objectContaining({
      level: 'error',
      fields: expect.objectContaining({ err: expect.objectContaining({ message: 'the planted secret' }) }),
    }),
  );
});

/** Edges whose room is joined when the test says so. */
function slowEdges() {
  const received: unknown[] = [];
  let ends = 0;
  const edges = createEchoEdges();
  const joins: (() => void)[] = [];
  const endpoint: PlainChatEndpoint = {
    async receive(frame) {
      received.push(frame);
      return undefined;
    },
    closed: () => void ends++,
  };
  edges.acceptPlainChat = () => new Promise((resolve) => joins.push(() => resolve(endpoint)));
  return { edges, received, joins, ends: () => ends };
}

test('what is sent before the room is joined is kept and delivered in order', async () => {
  const { edges, received, joins } = slowEdges();
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  for (let n = 0; n < 32; n++) client.send({ n });
  await eventually(() => server.gateway.stats().messagesIn === 32, 'the messages');
  expect(received).toEqual([]);
  joins[0]?.();
  await eventually(() => received.length === 32, 'the delivery');
  client.send({ n: 32 });
  await eventually(() => received.length === 33, 'the last one');
  expect(received).toEqual(Array.from({ length: 33 }, (_, n) => ({ n })));
});

test('a client that says too much before the room is joined is closed', async () => {
  const { edges, received } = slowEdges();
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  for (let n = 0; n < 33; n++) client.send({ n });
  expect(await client.closing()).toEqual({ code: 4429, reason: 'RATE_LIMITED' });
  expect(client.received).toMatchObject([{ type: 'error', reason: 'RATE_LIMITED', retryAfterMs: 5_000 }]);
  expect(received).toEqual([]);
});

test('a client that went away before its room was joined leaves it at once', async () => {
  const { edges, joins, ends } = slowEdges();
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  await eventually(() => joins.length === 1, 'the join');
  await client.close();
  await eventually(() => server.gateway.stats().connections.chat === 0, 'the end of the connection');
  expect(ends()).toBe(0);
  joins[0]?.();
  await eventually(() => ends() === 1, 'the leave');
});

test('a room that is not joined in time is given up', async () => {
  const clock = new FakeClock();
  const { edges, joins, ends } = slowEdges();
  await using server = await startGateway({}, { edges, clock });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  await eventually(() => joins.length === 1, 'the join');
  clock.advance(15_000);
  expect(await client.closing()).toEqual({ code: 4408, reason: 'CALL_TIMEOUT' });
  joins[0]?.();
  await eventually(() => ends() === 1, 'the leave');
});

test('messages over the rate are answered with when to try again', async () => {
  const clock = new FakeClock();
  await using server = await startGateway({ messageRate: { perSecond: 10, burst: 1 } }, { clock });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  client.send(message('one'));
  client.send(message('two'));
  await client.message(1);
  expect(client.received).toMatchObject([
    { type: 'message', content: 'one' },
    { type: 'error', reason: 'RATE_LIMITED', content: 'Too many messages.', retryAfterMs: 100 },
  ]);
  await client.close();
});

test('an AppError of a message is told, one that is none is INTERNAL', async () => {
  const { edges } = slowEdges();
  const thrown = [new AppError('GRANT_MISSING', { grant: 'chat' }), new Error('the planted secret')];
  edges.acceptPlainChat = async () => ({
    receive: () => {
      throw thrown.shift();
    },
    closed: () => {},
  });
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  client.send(message('one'));
  client.send(message('two'));
  await client.message(1);
  expect(client.received).toMatchObject([
    { reason: 'GRANT_MISSING', content: 'The token does not grant chat in this room.' },
    { reason: 'INTERNAL' },
  ]);
});

/** Edges whose room answers each message when the test says so. */
function answeringEdges() {
  const { edges } = slowEdges();
  const waiting: { resolve(history: PlainChatHistory | undefined): void; reject(error: Error): void }[] = [];
  edges.acceptPlainChat = async () => ({
    receive: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    closed: () => {},
  });
  return { edges, waiting };
}

test('what is told of messages comes in their order, however they are answered', async () => {
  const { edges, waiting } = answeringEdges();
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  client.send({ ...message('one'), clientId: 'c1' });
  client.send({ type: 'history' });
  client.send({ ...message('three'), clientId: 'c3' });
  await eventually(() => waiting.length === 3, 'all three under way');
  waiting[2]?.reject(new AppError('RATE_LIMITED', { what: 'messages' }, { retryAfterMs: 70 }));
  waiting[1]?.resolve({ messages: [toRecord(1, { text: 'before', name: 'Ada' })], more: false });
  waiting[0]?.reject(new AppError('STORE_BUSY', {}, { retryAfterMs: 30 }));
  await client.message(2);
  expect(client.received).toMatchObject([
    { type: 'error', reason: 'STORE_BUSY', clientId: 'c1', retryAfterMs: 30 },
    { type: 'history', messages: [{ type: 'message', content: 'before', seq: 1 }], more: false },
    { type: 'error', reason: 'RATE_LIMITED', clientId: 'c3', retryAfterMs: 70 },
  ]);
});

test('messages that wait for the store are bounded', async () => {
  const { edges, waiting } = answeringEdges();
  await using server = await startGateway({ maxOpenCalls: 2 }, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  for (const clientId of ['c1', 'c2', 'c3']) client.send({ ...message('x'), clientId });
  expect(await client.message(0)).toMatchObject({ type: 'error', reason: 'TOO_MANY_CALLS', clientId: 'c3' });
  for (const answer of waiting) answer.resolve(undefined);
  await eventually(() => {
    client.send({ type: 'history' });
    return waiting.length === 3;
  }, 'room for another');
});

test('what comes of a message after its connection is gone is told to nobody', async () => {
  const { edges, waiting } = answeringEdges();
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  client.send(message('one'));
  await eventually(() => waiting.length === 1, 'the message');
  await client.close();
  await eventually(() => server.gateway.stats().connections.chat === 0, 'the end of the connection');
  waiting[0]?.reject(new AppError('RATE_LIMITED', { what: 'messages' }));
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
});
