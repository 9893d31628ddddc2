// Clients that stop reading, through the real engine and the kernel's buffers.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { EventMessage } from '../../core/event-message.ts';
import { createEchoEdges, type EchoEdges } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import {
  clientFrame,
  FrameReader,
  opcodes,
  openRawWebSocket,
  type ServerFrame,
} from '../../test/support/raw-web-socket.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningGateway, startGateway } from '../../test/support/start-gateway.ts';

const text = 'x'.repeat(16_000);
const chatMessage = () =>
  new EventMessage('chatMessage', {
    room: 'a',
    message: { messageId: 'm', peerId: 'p', identity: 'i', name: 'n', text, sentAtMs: 1 },
  });
const speaker = () => new EventMessage('activeSpeakerChanged', { room: 'a', peerId: 'p' });

async function joinAndStall(server: RunningGateway, path: string): Promise<Socket> {
  const socket = await openRawWebSocket({ port: server.port, path });
  if (path === '/ws') socket.write(clientFrame('{"jsonrpc":"2.0","id":1,"method":"room.join","params":{"room":"a"}}'));
  return socket;
}

/** Everything that is there for a client that starts to read, until the connection ends. */
async function readToEnd(socket: Socket): Promise<ServerFrame[]> {
  const reader = new FrameReader();
  const frames: ServerFrame[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) =>
    frames.push(...reader.push(chunk).map(({ opcode, payload }) => ({ opcode, payload: Buffer.from(payload) }))),
  );
  socket.resume();
  await once(socket, 'close');
  return frames;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Posts in many turns, as a busy room does, until the condition holds. */
async function broadcastUntil(edges: EchoEdges, event: () => EventMessage, done: () => boolean): Promise<void> {
  for (let n = 0; !done(); n++) {
    if (n > 20_000) throw new Error('nothing ever came of it');
    edges.broadcast('a', event());
    if (n % 4 === 0) await turn();
  }
}

test.each(['/ws', '/chat?room=a'])(
  'a reader of %s that stalls is told so and closed, with the memory bounded',
  async (path) => {
    const edges = createEchoEdges();
    await using server = await startGateway({}, { edges });
    const reading = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.json']).opened();
    await reading.call(1, 'room.join', { room: 'a' });
    const stalled = await joinAndStall(server, path);
    await eventually(() => edges.roomSize('a') === 2, 'both in the room');
    const rssBefore = process.memoryUsage().rss;
    await broadcastUntil(edges, chatMessage, () => server.gateway.stats().slowConsumersClosed === 1);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(200 * 1024 * 1024);
    expect(server.gateway.stats().connections).toMatchObject({ json: 1, chat: 0 });

    const frames = await readToEnd(stalled);
    const close = frames.at(-1);
    expect(close?.opcode).toBe(opcodes.close);
    expect(close?.payload.readUInt16BE(0)).toBe(4429);
    expect(close?.payload.subarray(2).toString()).toBe('SLOW_CONSUMER');
    const lastWords = JSON.parse(String(frames.at(-2)?.payload));
    expect(lastWords).toMatchObject(
      path === '/ws'
        ? { method: 'sessionClosing', params: { reason: 'SLOW_CONSUMER', retryAfterMs: expect.any(Number) } }
        : { type: 'error', reason: 'SLOW_CONSUMER' },
    );
    // The others lost nothing, and what the stalled one got has no hole.
    const sent = server.gateway.stats();
    expect(sent.ephemeralDropped).toBe(0);
    await reading.call(2, 'session.ping');
    expect(frames.filter(({ opcode }) => opcode === opcodes.text).length).toBeGreaterThan(50);
    expect(reading.closed).toBeUndefined();
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
  },
);

test('a reader that is behind loses ephemeral events only, and none once it has caught up', async () => {
  const edges = createEchoEdges();
  await using server = await startGateway({ slowConsumerBytes: 64 * 1024 * 1024 }, { edges });
  const stalled = await joinAndStall(server, '/ws');
  await eventually(() => edges.roomSize('a') === 1, 'the join');
  let sent = 0;
  const dropped = () => server.gateway.stats().ephemeralDropped;
  await broadcastUntil(
    edges,
    () => {
      edges.broadcast('a', speaker());
      sent++;
      return chatMessage();
    },
    () => dropped() >= 50,
  );
  expect(server.gateway.stats().slowConsumersClosed).toBe(0);

  const reader = new FrameReader();
  let messages = 0;
  let speakers = 0;
  stalled.on('data', (chunk: Buffer) => {
    for (const { payload } of reader.push(chunk)) {
      const name = payload.subarray(0, 60).toString();
      if (name.includes('"chatMessage"')) messages++;
      if (name.includes('"activeSpeakerChanged"')) speakers++;
    }
  });
  stalled.resume();
  await eventually(() => messages === sent, 'every message');
  const droppedBefore = dropped();
  expect(speakers).toBe(sent - droppedBefore);
  edges.broadcast('a', speaker());
  await eventually(() => speakers === sent - droppedBefore + 1, 'the ephemeral event of one who caught up');
  stalled.destroy();
});

test('a client that asks and never reads its answers is closed as well', async () => {
  await using server = await startGateway();
  const socket = await joinAndStall(server, '/ws');
  socket.on('error', () => {});
  const ping = clientFrame(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session.ping', params: { payload: 'x'.repeat(30_000) } }),
  );
  const batch = Buffer.concat(new Array<Buffer>(20).fill(ping));
  while (server.gateway.stats().slowConsumersClosed === 0) {
    socket.write(batch);
    await turn();
  }
  expect(server.gateway.stats().connections.json).toBe(0);
  socket.destroy();
});
